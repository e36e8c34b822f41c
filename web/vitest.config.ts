import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [vue()],
  resolve: { conditions: ["meiduo-source", "module", "browser"] },
  test: {
    name: "web",
    environment: "happy-dom",
    include: ["{src,test}/**/*.test.ts"],
    setupFiles: ["test/support/load-texts.ts"],
  },
});
