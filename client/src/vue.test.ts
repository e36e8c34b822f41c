// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h, nextTick } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { imitatedApi } from "../test/support/imitated-api.ts";
import { createSession } from "./session.ts";
import { guardRoutes, sessionPlugin, useUser } from "./vue.ts";

const Greeting = defineComponent(() => {
  const { user, status, error } = useUser();
  return () => h("p", user.value?.username ?? `${status.value} ${error.value?.code ?? ""}`.trim());
});

const newSession = (fetch = imitatedApi) => createSession({ baseUrl: "http://api.test", fetch, retries: 0 });

/** What another tab does: its change of localStorage is told here. */
function elsewhere(change: () => void) {
  change();
  window.dispatchEvent(new StorageEvent("storage", { key: null, storageArea: localStorage }));
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe("useUser", () => {
  it("follows a log-in, a log-out, and another tab's log-out", async () => {
    const session = newSession();
    const page = mount(Greeting, { global: { plugins: [sessionPlugin(session)] } });
    expect(page.text()).toBe("out");
    await session.logIn("ada", "right", true);
    await nextTick();
    expect(page.text()).toBe("ada");
    elsewhere(() => localStorage.clear());
    await nextTick();
    expect(page.text()).toBe("out");
    await session.logIn("ada", "right");
    session.logOut();
    await nextTick();
    expect(page.text()).toBe("out");
  });

  it("says why nobody is shown", async () => {
    localStorage.setItem("token", "good");
    const away = newSession(() => Promise.reject(new TypeError("away")));
    const page = mount(Greeting, { global: { plugins: [sessionPlugin(away)] } });
    expect(page.text()).toBe("loading");
    await vi.waitFor(() => expect(page.text()).toBe("failed network"));
  });

  it("says what to do where the plugin is missing", () => {
    expect(() => mount(Greeting, { global: { config: { warnHandler: () => {} } } })).toThrow(/sessionPlugin/);
  });

  it("listens no more in an app that is gone", () => {
    const session = newSession();
    let listening = 0;
    const counted = {
      ...session,
      subscribe(listener: () => void) {
        const stop = session.subscribe(listener);
        listening += 1;
        return () => {
          listening -= 1;
          stop();
        };
      },
    };
    const page = mount(Greeting, { global: { plugins: [sessionPlugin(counted)] } });
    expect(listening).toBe(1);
    page.unmount();
    expect(listening).toBe(0);
  });
});

describe("guardRoutes", () => {
  const routes = [
    { path: "/", component: Greeting },
    { path: "/login", component: Greeting },
    { path: "/orders/:id", component: Greeting, meta: { personal: true } },
  ];

  it("sends to the log-in page, with the way back, whoever is not logged in or is no more", async () => {
    const session = newSession();
    const router = createRouter({ history: createMemoryHistory(), routes });
    const end = guardRoutes(router, session);
    await router.push("/orders/1?page=2");
    expect(router.currentRoute.value).toMatchObject({ path: "/login", query: { next: "/orders/1?page=2" } });
    await session.logIn("ada", "right", true);
    await router.push("/orders/1");
    expect(router.currentRoute.value.path).toBe("/orders/1");
    elsewhere(() => localStorage.clear());
    await vi.waitFor(() => expect(router.currentRoute.value.fullPath).toBe("/login?next=/orders/1"));
    end();
  });

  it("leaves everybody on open routes, and whoever has a token until the API refuses it", async () => {
    localStorage.setItem("token", "expired");
    const session = newSession();
    const router = createRouter({ history: createMemoryHistory(), routes });
    guardRoutes(router, session, "/login");
    await router.push("/orders/1");
    await vi.waitFor(() => expect(router.currentRoute.value.path).toBe("/login"));
    await router.push("/");
    expect(router.currentRoute.value.path).toBe("/");
  });
});
