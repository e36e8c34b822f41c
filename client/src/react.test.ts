// @vitest-environment happy-dom
import { act, createElement, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { imitatedApi } from "../test/support/imitated-api.ts";
import { RequireUser, SessionProvider, useUser } from "./react.ts";
import { createSession, type Session } from "./session.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

function Greeting() {
  const { user, status, error } = useUser();
  return createElement("p", null, user?.username ?? `${status} ${error?.code ?? ""}`.trim());
}

const newSession = (fetch = imitatedApi) => createSession({ baseUrl: "http://api.test", fetch, retries: 0 });
const below = (session: Session, child: ReactNode) => createElement(SessionProvider, { session }, child);

/** What is shown, asked again after each change. */
async function show(element: ReactNode) {
  const place = document.createElement("div");
  const root = createRoot(place);
  await act(async () => root.render(element));
  return { text: () => place.textContent, leave: () => act(async () => root.unmount()) };
}

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
  it("follows a log-in and another tab's log-out", async () => {
    const session = newSession();
    const page = await show(below(session, createElement(Greeting)));
    expect(page.text()).toBe("out");
    await act(() => session.logIn("ada", "right", true));
    expect(page.text()).toBe("ada");
    await act(async () => elsewhere(() => localStorage.clear()));
    expect(page.text()).toBe("out");
    await page.leave();
  });

  it("says why nobody is shown", async () => {
    localStorage.setItem("token", "good");
    const away = newSession(() => Promise.reject(new TypeError("away")));
    const page = await show(below(away, createElement(Greeting)));
    await vi.waitFor(() => expect(page.text()).toBe("failed network"));
  });

  it("says what to do where the provider is missing", () => {
    expect(() => renderToString(createElement(Greeting))).toThrow(/SessionProvider/);
  });

  it("a server that renders knows nobody yet", () => {
    localStorage.setItem("token", "good");
    expect(renderToString(below(newSession(), createElement(Greeting)))).toBe("<p>loading</p>");
  });
});

describe("RequireUser", () => {
  const parts = { otherwise: "log in", pending: "wait", failed: "try again" };

  it("shows its children to whoever is logged in, and takes them away at a log-out", async () => {
    const session = newSession();
    const page = await show(below(session, createElement(RequireUser, parts, "orders")));
    expect(page.text()).toBe("log in");
    await act(() => session.logIn("ada", "right"));
    expect(page.text()).toBe("orders");
    await act(async () => session.logOut());
    expect(page.text()).toBe("log in");
  });

  it("shows that it waits, and that it waited in vain", async () => {
    localStorage.setItem("token", "good");
    let refuse = () => {};
    const session = newSession(
      () =>
        new Promise((_resolve, reject) => {
          refuse = () => reject(new TypeError("away"));
        }),
    );
    const page = await show(below(session, createElement(RequireUser, parts, "orders")));
    expect(page.text()).toBe("wait");
    await act(async () => refuse());
    await vi.waitFor(() => expect(page.text()).toBe("try again"));
  });
});
