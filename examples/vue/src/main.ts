import "./style.css";
import { sessionPlugin } from "@meiduo/client/vue";
import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router.ts";
import { session } from "./session.ts";

createApp(App).use(sessionPlugin(session)).use(router).mount("#app");
