import { guardRoutes } from "@meiduo/client/vue";
import { createRouter, createWebHistory } from "vue-router";
import HomePage from "./pages/HomePage.vue";
import LogInPage from "./pages/LogInPage.vue";
import ProfilePage from "./pages/ProfilePage.vue";
import SignUpPage from "./pages/SignUpPage.vue";
import { session } from "./session.ts";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: HomePage },
    { path: "/login", component: LogInPage },
    { path: "/sign-up", component: SignUpPage },
    { path: "/profile", component: ProfilePage, meta: { personal: true } },
  ],
});

guardRoutes(router, session);
