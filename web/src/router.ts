/** Addresses and pages. Old addresses of the tutorial are redirected by the site's server, with their query. */
import { nextTick, watch } from "vue";
import { createRouter, createWebHistory, type RouteLocationNormalized } from "vue-router";
import HomePage from "./account/HomePage.vue";
import { onSessionExpired } from "./api.ts";
import { noteOpened, remedyFor } from "./failed-navigation.ts";
import { language, text } from "./language.ts";
import { leaveImpersonation } from "./leave-impersonation.ts";
import { pageSettings } from "./page-settings.ts";
import { dropSession, isLoggedIn, onLoggedOutElsewhere, session } from "./session.ts";
import LogInPage from "./sign-in/LogInPage.vue";
import RegisterPage from "./sign-in/RegisterPage.vue";
import { addressOf } from "./site-path.ts";
import ErrorPage from "./ui/ErrorPage.vue";

declare module "vue-router" {
  interface RouteMeta {
    /** Key of the text in the window's title. */
    title: string;
    /** Only for those who are logged in. */
    personal?: boolean;
    /** Of the page for every path that is no page of ours. */
    isLost?: boolean;
  }
}

export const router = createRouter({
  history: createWebHistory(pageSettings.base),
  routes: [
    { path: "/", component: HomePage, meta: { title: "home.title" } },
    { path: "/login", component: LogInPage, meta: { title: "logIn.submit" } },
    {
      path: "/login/code",
      component: () => import("./sign-in/CodeLogInPage.vue"),
      meta: { title: "codeLogIn.title" },
    },
    { path: "/register", component: RegisterPage, meta: { title: "signUp.title" } },
    {
      path: "/forgot-password",
      component: () => import("./sign-in/ForgotPasswordPage.vue"),
      meta: { title: "forgot.title" },
    },
    {
      path: "/not-me",
      component: () => import("./sign-in/NotMePage.vue"),
      meta: { title: "notMe.title" },
    },
    {
      path: "/second-factor",
      component: () => import("./sign-in/SecondFactorPage.vue"),
      meta: { title: "secondFactor.title" },
    },
    {
      path: "/second-factor/lost",
      component: () => import("./sign-in/LostFactorPage.vue"),
      meta: { title: "lostFactor.title" },
    },
    {
      path: "/lost-factor",
      component: () => import("./sign-in/CancelLostFactorPage.vue"),
      meta: { title: "lostFactor.cancelTitle" },
    },
    {
      path: "/second-factor/setup",
      component: () => import("./account/SetUpSecondFactorPage.vue"),
      meta: { title: "secondFactor.setUp" },
    },
    {
      path: "/account/:section(profile|contact|password|passkeys|second-factor|devices|bindings|data)?",
      component: () => import("./account/AccountPage.vue"),
      meta: { title: "account.title", personal: true },
    },
    {
      path: "/joining",
      component: () => import("./account/JoiningPage.vue"),
      meta: { title: "joining.title", personal: true },
    },
    {
      // An address must not put a sentence on our page.
      path: "/oauth/callback/:provider([\\w-]{1,32})",
      component: () => import("./sign-in/CallbackPage.vue"),
      meta: { title: "logIn.submit" },
    },
    {
      path: "/keep-account",
      component: () => import("./sign-in/KeepAccountPage.vue"),
      meta: { title: "rights.keepTitle" },
    },
    {
      path: "/account-deletion",
      component: () => import("./ui/AccountDeletionPage.vue"),
      meta: { title: "rights.publicTitle" },
    },
    { path: "/terms", component: () => import("./ui/TermsPage.vue"), meta: { title: "terms.title" } },
    // Not a file of its own: it must open where files can't be loaded.
    { path: "/error", component: ErrorPage, meta: { title: "error.title" } },
    {
      path: "/:lost(.*)*",
      component: () => import("./ui/NotFoundPage.vue"),
      meta: { title: "notFound.title", isLost: true },
    },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach((to) => {
  if (to.meta.personal && !isLoggedIn.value) {
    return { path: "/login", query: { next: addressOf(to.fullPath), reason: "needed" } };
  }
  return true;
});

router.afterEach(async (to, from, failure) => {
  if (failure) return;
  nameWindow(to);
  if (to.path !== "/error") noteOpened();
  if (from.matched.length === 0 || from.path === to.path) return;
  // A page that changes without loading says nothing to a screen reader: move to its heading.
  await nextTick();
  document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
});

router.onError((error, to) => {
  const remedy = remedyFor(error, to.fullPath);
  if ("load" in remedy) window.location.assign(remedy.load);
  else void router.push({ path: "/error", query: remedy.query });
});

watch(language, () => nameWindow(router.currentRoute.value));

onSessionExpired(() => leave("expired"));
onLoggedOutElsewhere(() => leave("loggedOut"));

function leave(reason: "expired" | "loggedOut"): void {
  const { impersonation } = session;
  if (impersonation !== null) {
    leaveImpersonation(impersonation);
    return;
  }
  dropSession();
  const here = router.currentRoute.value;
  if (here.path === "/login") return;
  void router.push({
    path: "/login",
    query: { ...(here.path === "/" ? {} : { next: addressOf(returnPath(here)) }), reason },
  });
}

/** A callback's code works once: what is left to go back to is the list it was to add to. */
function returnPath(here: RouteLocationNormalized): string {
  return here.path.startsWith("/oauth/callback/") ? "/account/bindings" : here.fullPath;
}

function nameWindow(route: RouteLocationNormalized): void {
  const title = text(route.meta.title);
  const site = text("site.name");
  document.title = title === site ? site : `${title} · ${site}`;
}
