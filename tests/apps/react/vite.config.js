import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/* Nothing becomes a data: URL, so that the server has files of every kind. */
export default defineConfig({
  plugins: [react()],
  build: { assetsInlineLimit: 0, sourcemap: true },
});
