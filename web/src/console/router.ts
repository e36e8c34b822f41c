/** The console's pages. Who may not read one gets the same page as for an address that is none. */
import { nextTick, watch } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import { onSessionExpired } from "../api.ts";
import { text } from "../language.ts";
import { pageSettings } from "../page-settings.ts";
import { dropSession, isLoggedIn, onLoggedOutElsewhere, session } from "../session.ts";
import { addressOf } from "../site-path.ts";
import AuditPage from "./AuditPage.vue";
import BlocksPage from "./BlocksPage.vue";
import FirstSuperuserPage from "./FirstSuperuserPage.vue";
import GroupsPage from "./GroupsPage.vue";
import JobsPage from "./JobsPage.vue";
import LostPage from "./LostPage.vue";
import MailsPage from "./MailsPage.vue";
import { mayAny, ownMenu, type PageName, permissionsOf } from "./menu.ts";
import { isStaff, loadMine } from "./mine.ts";
import NewUserPage from "./NewUserPage.vue";
import OverviewPage from "./OverviewPage.vue";
import UserPage from "./UserPage.vue";
import UsersPage from "./UsersPage.vue";
import { words } from "./words.ts";

declare module "vue-router" {
  interface RouteMeta {
    name?: PageName;
    /** Any one of which opens the page. */
    permissions?: readonly string[];
    /** For whoever is not logged in. */
    open?: true;
  }
}

const page = (name: PageName, ...permissions: readonly string[]) => ({
  meta: { title: name, name, permissions: permissions.length > 0 ? permissions : permissionsOf(name) },
});

export const router = createRouter({
  history: createWebHistory(`${pageSettings.base}/console`),
  routes: [
    { path: "/", component: LostPage, meta: { title: "denied", name: "denied" } },
    { path: "/first", component: FirstSuperuserPage, meta: { title: "first", name: "first", open: true } },
    { path: "/overview", component: OverviewPage, ...page("overview") },
    { path: "/users", component: UsersPage, ...page("users") },
    { path: "/users/new", component: NewUserPage, ...page("newUser") },
    { path: "/users/:id([1-9]\\d{0,14})", component: UserPage, ...page("user", "users.view_user") },
    { path: "/groups", component: GroupsPage, ...page("groups") },
    { path: "/blocks", component: BlocksPage, ...page("blocks") },
    { path: "/mails", component: MailsPage, ...page("mails") },
    { path: "/jobs", component: JobsPage, ...page("jobs") },
    {
      path: "/invitations",
      component: () => import("./InvitationsPage.vue"),
      ...page("invitations"),
    },
    {
      path: "/webhooks",
      component: () => import("./WebhooksPage.vue"),
      ...page("webhooks"),
    },
    {
      path: "/webhooks/:id([1-9]\\d{0,14})",
      component: () => import("./WebhookPage.vue"),
      ...page("webhook", "webhooks.view_webhook"),
    },
    {
      path: "/services",
      component: () => import("./ServicesPage.vue"),
      ...page("services"),
    },
    {
      path: "/keys",
      component: () => import("./KeysPage.vue"),
      ...page("keys"),
    },
    {
      path: "/providers",
      component: () => import("./ProvidersPage.vue"),
      ...page("providers"),
    },
    {
      path: "/settings",
      component: () => import("./SettingsPage.vue"),
      ...page("settings"),
    },
    {
      path: "/data-requests",
      component: () => import("./DataRequestsPage.vue"),
      ...page("dataRequests"),
    },
    {
      path: "/runs",
      component: () => import("./RunsPage.vue"),
      ...page("runs"),
    },
    { path: "/audit", component: AuditPage, ...page("audit") },
    // Parts of the site that the console has in it lead there.
    { path: "/login", component: LostPage, meta: { title: "lost", name: "lost" }, beforeEnter: leaveToLogIn },
    { path: "/:lost(.*)*", component: LostPage, meta: { title: "lost", name: "lost" } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

function leaveToLogIn(): Promise<never> {
  return logInFor("/");
}

/** The log-in is the site's; it comes back to the page. Nothing more happens here: the page is being left. */
function logInFor(path: string): Promise<never> {
  const next = encodeURIComponent(router.resolve(path).href);
  window.location.assign(addressOf(`/login?reason=needed&next=${next}`));
  return new Promise(() => {});
}

router.beforeEach(async (to) => {
  if (to.meta.open) return true;
  if (!isLoggedIn.value) return logInFor(to.fullPath);
  await loadMine(session.facts?.userId);
  if (to.path === "/" && isStaff()) return ownMenu()[0]?.path ?? true;
  const { permissions } = to.meta;
  if (permissions !== undefined && !mayAny(permissions)) {
    return { path: `/lost${to.path}`, replace: true };
  }
  return true;
});

router.afterEach(async (to, from, failure) => {
  if (failure) return;
  nameWindow();
  if (from.matched.length === 0 || from.path === to.path) return;
  // A page that changes without loading says nothing to a screen reader: move to its heading.
  await nextTick();
  document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
});

watch(words, nameWindow);

onSessionExpired(() => leave());
onLoggedOutElsewhere(() => leave());

function leave(): void {
  dropSession();
  void logInFor(router.currentRoute.value.fullPath);
}

function nameWindow(): void {
  const { name = "lost" } = router.currentRoute.value.meta;
  document.title = `${words.value.pages[name]} · ${words.value.title} · ${text("site.name")}`;
}
