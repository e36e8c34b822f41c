import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import site from "./vite.config.ts";

/**
 * The console's build, of its own and after the site's, into the same folder: whoever logs in loads nothing of it, and the
 * files of the log-in page are the same bytes with it and without.
 */
export default defineConfig({
  ...site,
  build: {
    ...site.build,
    // Its staff have newer browsers than its customers: native dialogs (Safari 15.4, Firefox 98).
    target: ["chrome87", "edge88", "firefox98", "safari15.4"],
    emptyOutDir: false,
    copyPublicDir: false,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: fileURLToPath(new URL("./console.html", import.meta.url)),
      output: {
        // By these names its files are told from the site's.
        entryFileNames: "assets/console-[hash].js",
        chunkFileNames: "assets/console-[name]-[hash].js",
        assetFileNames: "assets/console-[name]-[hash][extname]",
      },
    },
  },
});
