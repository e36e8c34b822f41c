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
import { ownMenu, type PageName } from "./menu.ts";
import { isStaff, loadMine, may } from "./mine.ts";
import NewUserPage from "./NewUserPage.vue";
import OverviewPage from "./OverviewPage.vue";
import UserPage from "./UserPage.vue";
import UsersPage from "./UsersPage.vue";
import { words } from "./words.ts";

declare module "vue-router" {
  interface RouteMeta {
    name?: PageName;
    permission?: string;
    /** For whoever is not logged in. */
    open?: true;
  }
}

const page = (name: PageName, permission: string) => ({ meta: { title: name, name, permission } });

export const router = createRouter({
  history: createWebHistory(`${pageSettings.base}/console`),
  routes: [
    { path: "/", component: LostPage, meta: { title: "denied", name: "denied" } },
    { path: "/first", component: FirstSuperuserPage, meta: { title: "first", name: "first", open: true } },
    { path: "/overview", component: OverviewPage, ...page("overview", "overview.view_overview") },
    { path: "/users", component: UsersPage, ...page("users", "users.view_user") },
    { path: "/users/new", component: NewUserPage, ...page("newUser", "users.add_user") },
    { path: "/users/:id([1-9]\\d{0,14})", component: UserPage, ...page("user", "users.view_user") },
    { path: "/groups", component: GroupsPage, ...page("groups", "auth.view_group") },
    { path: "/blocks", component: BlocksPage, ...page("blocks", "log_ins.view_block") },
    { path: "/mails", component: MailsPage, ...page("mails", "mail.view_mail") },
    { path: "/jobs", component: JobsPage, ...page("jobs", "jobs.view_job") },
    {
      path: "/invitations",
      component: () => import("./InvitationsPage.vue"),
      ...page("invitations", "users.view_user"),
    },
    {
      path: "/webhooks",
      component: () => import("./WebhooksPage.vue"),
      ...page("webhooks", "webhooks.view_webhook"),
    },
    {
      path: "/webhooks/:id([1-9]\\d{0,14})",
      component: () => import("./WebhookPage.vue"),
      ...page("webhook", "webhooks.view_webhook"),
    },
    {
      path: "/services",
      component: () => import("./ServicesPage.vue"),
      ...page("services", "services.view_service"),
    },
    {
      path: "/keys",
      component: () => import("./KeysPage.vue"),
      ...page("keys", "keys.view_signingkey"),
    },
    {
      path: "/providers",
      component: () => import("./ProvidersPage.vue"),
      ...page("providers", "providers.view_provider"),
    },
    {
      path: "/settings",
      component: () => import("./SettingsPage.vue"),
      ...page("settings", "settings.view_setting"),
    },
    {
      path: "/data-requests",
      component: () => import("./DataRequestsPage.vue"),
      ...page("dataRequests", "rights.view_datarequest"),
    },
    {
      path: "/runs",
      component: () => import("./RunsPage.vue"),
      ...page("runs", "runs.view_run"),
    },
    { path: "/audit", component: AuditPage, ...page("audit", "audit.view_auditentry") },
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
  const { permission } = to.meta;
  if (permission !== undefined && !may(permission)) {
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
