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
  reportError(error);
  void router.push({ path: "/error", query: errorQuery(error) });
};

try {
  connectApi(await loadSiteConfig());
} catch (error) {
  reportError(error);
  await router.replace({ path: "/error", query: errorQuery(error) });
}
app.mount("#app");
