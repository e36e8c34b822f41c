import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import site from "./vite.config.ts";

/** The frame of vendors' captchas, a build of its own like the console's: without Vue, and nothing of it in the pages. */
export default defineConfig({
  ...site,
  build: {
    ...site.build,
    emptyOutDir: false,
    copyPublicDir: false,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: fileURLToPath(new URL("./captcha.html", import.meta.url)),
      output: {
        entryFileNames: "assets/captcha-[hash].js",
        chunkFileNames: "assets/captcha-[name]-[hash].js",
        assetFileNames: "assets/captcha-[name]-[hash][extname]",
      },
    },
  },
});
