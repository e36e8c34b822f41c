import uniPlugin from "@dcloudio/vite-plugin-uni";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [uniPlugin()] });
