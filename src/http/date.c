/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/date.h"

#define DATE_DAY_S 86400
#define DATE_FIRST INT64_C(-62167219200) /* 0000-01-01 00:00:00 */
#define DATE_LAST  INT64_C(253402300799) /* 9999-12-31 23:59:59 */

/* Days from 0000-03-01, where the arithmetic begins, to 1970-01-01. */
#define DATE_EPOCH_DAYS 719468
#define DATE_ERA_DAYS   146097 /* days in 400 years */

static const char date_days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };
static const struct span date_long_days[7] = {
	{ "Sunday", 6 },
	{ "Monday", 6 },
	{ "Tuesday", 7 },
	{ "Wednesday", 9 },
	{ "Thursday", 8 },
	{ "Friday", 6 },
	{ "Saturday", 8 },
};
static const char date_months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
	"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

struct date {
	int64_t year;
	unsigned month; /* 0 to 11 */
	unsigned day;   /* 1 to 31 */
	unsigned hour;
	unsigned minute;
	unsigned second;
	unsigned weekday; /* 0 is Sunday */
};

/*
 * Both ways count years from March, so that the leap day is the last of its
 * year and the months before it have a regular length: 153 days in five.
 */
static int64_t
date_to_days(int64_t year, unsigned month, unsigned day)
{
	unsigned from_march = (month + 10) % 12;
	int64_t y = year - (month < 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * from_march + 2) / 5 + day - 1;

	return era * DATE_ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - DATE_EPOCH_DAYS;
}

/* 1970-01-01 was a Thursday; the whole weeks keep the sum positive. */
static unsigned
date_weekday(int64_t days)
{
	return (unsigned)((days + 7 * 102790 + 4) % 7);
}

/* days counts from 1970-01-01 and lies in the years 0 to 9999. */
static void
date_from_days(int64_t days, struct date *date)
{
	/* One era up, so that the first two months of year 0 are positive. */
	unsigned n = (unsigned)(days + DATE_EPOCH_DAYS + DATE_ERA_DAYS);
	unsigned era = n / DATE_ERA_DAYS;
	unsigned of_era = n % DATE_ERA_DAYS;
	unsigned year = (of_era - of_era / 1460 + of_era / 36524 -
			    of_era / (DATE_ERA_DAYS - 1)) /
			365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned from_march = (5 * of_year + 2) / 153;

	date->day = of_year - (153 * from_march + 2) / 5 + 1;
	date->month = (from_march + 2) % 12;
	date->year = (int64_t)year + ((int64_t)era - 1) * 400;
	date->year += date->month < 2;
	date->weekday = date_weekday(days);
}

static char *
date_put_digits(char *out, unsigned value, unsigned ndigits)
{
	for (unsigned i = ndigits; i > 0; i--) {
		out[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return out + ndigits;
}

/* Seconds since 1970 as a date, clamped to the years 0 to 9999. */
static void
date_from_seconds(int64_t seconds, struct date *date)
{
	int64_t days;
	unsigned rest;

	if (seconds < DATE_FIRST)
		seconds = DATE_FIRST;
	if (seconds > DATE_LAST)
		seconds = DATE_LAST;
	days = (seconds - DATE_FIRST) / DATE_DAY_S + DATE_FIRST / DATE_DAY_S;
	rest = (unsigned)(seconds - days * DATE_DAY_S);
	date_from_days(days, date);
	date->hour = rest / 3600;
	date->minute = rest / 60 % 60;
	date->second = rest % 60;
}

void
date_format_imf(char out[DATE_IMF_LEN], int64_t seconds)
{
	struct date date;

	date_from_seconds(seconds, &date);
	memcpy(out, "Sun, 06 Nov 1994 08:49:37 GMT", DATE_IMF_LEN);
	memcpy(out, date_days[date.weekday], 3);
	(void)date_put_digits(out + 5, date.day, 2);
	memcpy(out + 8, date_months[date.month], 3);
	(void)date_put_digits(out + 12, (unsigned)date.year, 4);
	(void)date_put_digits(out + 17, date.hour, 2);
	(void)date_put_digits(out + 20, date.minute, 2);
	(void)date_put_digits(out + 23, date.second, 2);
}

void
date_format_iso(char out[DATE_ISO_LEN], int64_t seconds, char separator)
{
	struct date date;

	date_from_seconds(seconds, &date);
	memcpy(out, "1994-11-06 08:49:37", DATE_ISO_LEN);
	(void)date_put_digits(out, (unsigned)date.year, 4);
	(void)date_put_digits(out + 5, date.month + 1, 2);
	(void)date_put_digits(out + 8, date.day, 2);
	out[10] = separator;
	(void)date_put_digits(out + 11, date.hour, 2);
	(void)date_put_digits(out + 14, date.minute, 2);
	(void)date_put_digits(out + 17, date.second, 2);
}

/* Takes exactly ndigits digits off *in. */
static bool
date_take_digits(struct span *in, unsigned ndigits, unsigned *value)
{
	unsigned sum = 0;

	if (in->len < ndigits)
		return false;
	for (unsigned i = 0; i < ndigits; i++) {
		unsigned digit = (unsigned char)in->ptr[i] - (unsigned)'0';

		if (digit > 9)
			return false;
		sum = sum * 10 + digit;
	}
	in->ptr += ndigits;
	in->len -= ndigits;
	*value = sum;
	return true;
}

/* Takes one of the names off *in; *index says which. */
static bool
date_take_name(
    struct span *in, const char names[][4], unsigned nnames, unsigned *index)
{
	if (in->len < 3)
		return false;
	for (unsigned i = 0; i < nnames; i++) {
		if (memcmp(in->ptr, names[i], 3) != 0)
			continue;
		in->ptr += 3;
		in->len -= 3;
		*index = i;
		return true;
	}
	return false;
}

static bool
date_take_long_day(struct span *in, unsigned *weekday)
{
	for (unsigned i = 0; i < 7; i++) {
		if (!span_starts_with(*in, date_long_days[i]))
			continue;
		in->ptr += date_long_days[i].len;
		in->len -= date_long_days[i].len;
		*weekday = i;
		return true;
	}
	return false;
}

/* The day of asctime: two digits, or a space and one. */
static bool
date_take_padded_day(struct span *in, unsigned *day)
{
	if (in->len == 0 || *in->ptr != ' ')
		return date_take_digits(in, 2, day);
	in->ptr++;
	in->len--;
	return date_take_digits(in, 1, day);
}

/* Takes what one letter of a form stands for; other bytes are themselves. */
static bool
date_take(struct span *in, char letter, struct date *date)
{
	unsigned year;

	switch (letter) {
	case 'a': return date_take_name(in, date_days, 7, &date->weekday);
	case 'A': return date_take_long_day(in, &date->weekday);
	case 'b': return date_take_name(in, date_months, 12, &date->month);
	case 'd': return date_take_digits(in, 2, &date->day);
	case 'e': return date_take_padded_day(in, &date->day);
	case 'H': return date_take_digits(in, 2, &date->hour);
	case 'M': return date_take_digits(in, 2, &date->minute);
	case 'S': return date_take_digits(in, 2, &date->second);
	case 'y':
	case 'Y':
		if (!date_take_digits(in, letter == 'Y' ? 4 : 2, &year))
			return false;
		date->year = year;
		return true;
	}
	if (in->len == 0 || *in->ptr != letter)
		return false;
	in->ptr++;
	in->len--;
	return true;
}

/*
 * The latest year that ends like this one, which is of two digits, and that
 * does not put the date more than 50 years after now.
 */
static int64_t
date_full_year(const struct date *date, int64_t now)
{
	struct date today;
	int64_t days, year;

	days = now < 0 || now > DATE_LAST ? 0 : now / DATE_DAY_S;
	date_from_days(days, &today);
	year = today.year - today.year % 100 + date->year + 100;
	while (date_to_days(year - 50, date->month, date->day) > days)
		year -= 100;
	return year;
}

static unsigned
date_month_days(int64_t year, unsigned month)
{
	static const unsigned char days[12] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month] + (month == 1 && leap ? 1u : 0u);
}

/* A leap second is allowed, and is the first of the next minute. */
static bool
date_is_valid(const struct date *date)
{
	return date->day >= 1 &&
	       date->day <= date_month_days(date->year, date->month) &&
	       date->hour <= 23 && date->minute <= 59 && date->second <= 60;
}

bool
date_parse(struct span text, int64_t now, int64_t *seconds)
{
	static const char imf[] = "a, d b Y H:M:S ";
	static const char rfc850[] = "A, d-b-y H:M:S ";
	static const char asctime[] = "a b e H:M:S Y";
	struct date date = { 0 };
	const char *form;
	int64_t days;

	if (text.len < 4)
		return false;
	form = text.ptr[3] == ',' ? imf : text.ptr[3] == ' ' ? asctime : rfc850;
	for (const char *letter = form; *letter != '\0'; letter++)
		if (!date_take(&text, *letter, &date))
			return false;
	if (!span_equal(text, form == asctime ? SPAN("") : SPAN("GMT")))
		return false;
	if (form == rfc850)
		date.year = date_full_year(&date, now);
	if (!date_is_valid(&date))
		return false;
	days = date_to_days(date.year, date.month, date.day);
	if (date.weekday != date_weekday(days))
		return false;
	*seconds = days * DATE_DAY_S + date.hour * 3600 + date.minute * 60 +
		   date.second;
	return true;
}
