import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/forms.css";
import { createApp } from "vue";
import { connectApi } from "./api.ts";
import { errorQuery } from "./failed-navigation.ts";
import { i18n, language } from "./language.ts";
import { router } from "./router.ts";
import SiteApp from "./SiteApp.vue";
import { loadSiteConfig } from "./site-config.ts";

document.documentElement.lang = language.value;
const app = createApp(SiteApp).use(i18n).use(router);
app.config.errorHandler = (error) => {
  console.error(error);
  void router.push({ path: "/error", query: errorQuery(error) });
};

/** A function: the oldest browsers (served-browsers.ts) wait for nothing at the top of a module. */
async function start(): Promise<void> {
  try {
    connectApi(await loadSiteConfig());
  } catch (error) {
    console.error(error);
    await router.replace({ path: "/error", query: errorQuery(error) });
  }
  app.mount("#app");
}

start().catch((error: unknown) => {
  // As an error of the page, which public/early.js hears while there is no site to show it.
  setTimeout(() => {
    throw error;
  });
});
