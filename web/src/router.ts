/** Addresses and pages. Old addresses of the tutorial are redirected by the site's server, with their query. */
import { nextTick, watch } from "vue";
import { createRouter, createWebHistory, type RouteLocationNormalized } from "vue-router";
import HomePage from "./account/HomePage.vue";
import { onSessionExpired } from "./api.ts";
import { language, text } from "./language.ts";
import { dropSession, isLoggedIn, onLoggedOutElsewhere } from "./session.ts";
import LogInPage from "./sign-in/LogInPage.vue";
import SignUpPage from "./sign-in/SignUpPage.vue";

declare module "vue-router" {
  interface RouteMeta {
    /** Key of the text in the window's title. */
    title: string;
    /** Only for those who are logged in. */
    personal?: boolean;
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: HomePage, meta: { title: "home.title" } },
    { path: "/login", component: LogInPage, meta: { title: "logIn.submit" } },
    { path: "/register", component: SignUpPage, meta: { title: "signUp.title" } },
    {
      path: "/forgot-password",
      component: () => import("./sign-in/ForgotPasswordPage.vue"),
      meta: { title: "forgot.title" },
    },
    {
      path: "/account/:section(profile|contact|password|bindings)?",
      component: () => import("./account/AccountPage.vue"),
      meta: { title: "account.title", personal: true },
    },
    {
      path: "/oauth/callback/:provider",
      component: () => import("./sign-in/CallbackPage.vue"),
      meta: { title: "logIn.submit" },
    },
    { path: "/terms", component: () => import("./ui/TermsPage.vue"), meta: { title: "terms.title" } },
    { path: "/error", component: () => import("./ui/ErrorPage.vue"), meta: { title: "error.title" } },
    {
      path: "/:lost(.*)*",
      component: () => import("./ui/NotFoundPage.vue"),
      meta: { title: "notFound.title" },
    },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach((to) => {
  if (to.meta.personal && !isLoggedIn.value) {
    return { path: "/login", query: { next: to.fullPath, reason: "needed" } };
  }
  return true;
});

router.afterEach(async (to, from, failure) => {
  if (failure) return;
  nameWindow(to);
  if (from.matched.length === 0 || from.path === to.path) return;
  // A page that changes without loading says nothing to a screen reader: move to its heading.
  await nextTick();
  document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
});

router.onError((_error, to) => {
  // A page's file is missing after a new version was put up: load the new index.html, once.
  const key = `meiduo.reloaded ${to.fullPath}`;
  if (history.state?.[key]) return router.push("/error");
  history.replaceState({ ...history.state, [key]: true }, "");
  window.location.assign(to.fullPath);
  return undefined;
});

watch(language, () => nameWindow(router.currentRoute.value));

onSessionExpired(() => leave("expired"));
onLoggedOutElsewhere(() => leave("loggedOut"));

function leave(reason: "expired" | "loggedOut"): void {
  dropSession();
  const here = router.currentRoute.value;
  if (here.path === "/login") return;
  void router.push({
    path: "/login",
    query: { ...(here.path === "/" ? {} : { next: here.fullPath }), reason },
  });
}

function nameWindow(route: RouteLocationNormalized): void {
  const title = text(route.meta.title);
  const site = text("site.name");
  document.title = title === site ? site : `${title} · ${site}`;
}
