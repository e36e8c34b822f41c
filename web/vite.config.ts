import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [vue()],
  resolve: { conditions: ["meiduo-source", "module", "browser", "production"] },
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // Data addresses would need `img-src data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    // All of it is about 6 KB compressed: one file is one wait, five are five.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
});
