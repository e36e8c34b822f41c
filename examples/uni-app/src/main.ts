import { sessionPlugin } from "@meiduo/client/vue";
import { createSSRApp } from "vue";
import App from "./App.vue";
import { session } from "./session.ts";

export function createApp() {
  return { app: createSSRApp(App).use(sessionPlugin(session)) };
}
