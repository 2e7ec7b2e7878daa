-- SPDX-License-Identifier: BSD-2-Clause
-- What wrk sends: the bytes of a file as they are, so that they are the same
-- bytes that bench/bench has checked the answer of.
--	wrk -s load.lua URL -- FILE [COUNT]
-- With COUNT, NNNNN in the bytes becomes a number below COUNT, drawn by Zipf's
-- law; every run draws the same numbers.

local DRAWS = 131072

local function draw(count)
   local sums, sum = {}, 0
   for i = 1, count do
      sum = sum + 1 / i
      sums[i] = sum
   end
   math.randomseed(1)
   return function()
      local at, low, high = math.random() * sum, 1, count
      while low < high do
         local middle = math.floor((low + high) / 2)
         if sums[middle] < at then low = middle + 1 else high = middle end
      end
      return low - 1
   end
end

function init(args)
   local file = assert(io.open(args[1], "rb"))
   local message = file:read("*a")
   local count = tonumber(args[2] or 0)
   file:close()
   if count == 0 then
      request = function() return message end
      return
   end

   local messages, order, at = {}, {}, 0
   for i = 0, count - 1 do
      messages[i] = message:gsub("NNNNN", ("%05d"):format(i))
   end
   local number = draw(count)
   for i = 1, DRAWS do
      order[i] = messages[number()]
   end
   request = function()
      at = at % DRAWS + 1
      return order[at]
   end
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(("RESULT %d %d %d %d %d %d %d\n"):format(
      summary.requests, summary.duration, summary.bytes, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
