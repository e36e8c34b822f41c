import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { oldestBrowsers } from "./served-browsers.ts";

/** Modules only some later page needs; they stay in the file of that page. */
const laterPages =
  /\/(?:solve-captcha|account\/(?!HomePage|current-user)|ui\/(?:NotFoundPage|TermsPage|CaptchaDialog)|sign-in\/(?:ForgotPassword|Callback|BindForm|CreateForm|Person|Passkey|first-log-in|avatar))/;

function isOfFirstPage(id: string): boolean {
  return /\/(?:web|client)\/src\//.test(id) && !laterPages.test(id);
}

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [vue()],
  resolve: { conditions: ["meiduo-source", "module", "browser", "production"] },
  // Files name each other from beside themselves: PUBLIC_SITE_URL may put the site below any path, without another build.
  // The page names them from the root, before which the site's server writes the path.
  experimental: { renderBuiltUrl: (_file, { hostType }) => ({ relative: hostType !== "html" }) },
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
    // src/language.ts fills the messages.
    __INTLIFY_DROP_MESSAGE_COMPILER__: "true",
  },
  build: {
    target: [...oldestBrowsers],
    outDir: "dist",
    emptyOutDir: true,
    // Data addresses would need `img-src data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    // All of it is about 6 KB compressed: one file is one wait, five are five.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // How long plugins took says nothing to whoever starts the product for the first time.
      checks: { bundlerTimings: false },
      output: {
        // What the first page needs, in two files: left alone, each set of pages that share something gets a small file
        // of its own, ten in all, and a phone waits for a round trip for every six of them.
        codeSplitting: {
          groups: [
            // But for what is loaded when it is used.
            { name: "vendor", test: /node_modules\/(?!@simplewebauthn\/|altcha-lib\/)/, priority: 2 },
            { name: "site", test: isOfFirstPage, priority: 1 },
          ],
        },
      },
    },
  },
});
