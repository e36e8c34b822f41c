import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/forms.css";
import { createApp } from "vue";
import { connectPage } from "./connect.ts";
import { errorQuery } from "./failed-navigation.ts";
import { i18n } from "./language.ts";
import { router } from "./router.ts";
import SiteApp from "./SiteApp.vue";

const app = createApp(SiteApp).use(i18n);
app.config.errorHandler = (error) => {
  console.error(error);
  void router.push({ path: "/error", query: errorQuery(error) });
};

/** A function: the oldest browsers (served-browsers.ts) wait for nothing at the top of a module. */
async function start(): Promise<void> {
  const trouble = await connectPage();
  // Its first step names the window, and asks whether somebody is logged in.
  app.use(router);
  if (trouble !== null) {
    console.error(trouble.error);
    await router.replace({ path: "/error", query: errorQuery(trouble.error) });
  }
  app.mount("#app");
}

start().catch((error: unknown) => {
  // As an error of the page, which public/early.js hears while there is no site to show it.
  setTimeout(() => {
    throw error;
  });
});
