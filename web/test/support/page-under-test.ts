/** A page as the router shows it, before an API that answers what the test says. */
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { vi } from "vitest";
import type { Component } from "vue";
import { createMemoryHistory, createRouter, type Router } from "vue-router";
import { connectApi } from "../../src/api.ts";
import { i18n, language } from "../../src/language.ts";
import { dropSession } from "../../src/session.ts";
import { defaultSignUp, type KnownProvider, type SignUpConfig } from "../../src/site-config.ts";

/** One request, as `METHOD /path?query`, with its body. */
export interface Asked {
  readonly what: string;
  readonly body: unknown;
}

export interface ApiUnderTest {
  readonly asked: Asked[];
  /** What was asked, without bodies. */
  calls(): string[];
}

export type Answer = Response | Promise<Response>;

/**
 * Answers by `METHOD /path`; a call without an answer fails the test that made it. English, nobody logged in. `rpId`: the domain
 * of its passkeys.
 */
export function answerWith(
  answers: Readonly<Record<string, () => Answer>>,
  signUp: Partial<SignUpConfig> = {},
  rpId: string | null = null,
): ApiUnderTest {
  const asked: Asked[] = [];
  localStorage.clear();
  sessionStorage.clear();
  dropSession();
  language.value = "en";
  vi.stubGlobal(
    "fetch",
    async (url: string, { method, body }: { method: string; body: string | Blob | null }) => {
      const { pathname, search } = new URL(url);
      asked.push({
        what: `${method} ${pathname}${search}`,
        body: typeof body === "string" ? JSON.parse(body) : body,
      });
      const answer = answers[`${method} ${pathname}`];
      if (!answer) throw new Error(`No answer to ${method} ${pathname}`);
      return answer();
    },
  );
  connectApi({
    apiUrl: "http://api.test",
    session: "token",
    returnOrigins: [],
    providers: [shown("qq", "QQ", "QQ"), shown("github", "GitHub", "GitHub")],
    otherProviders: [shown("weibo", "微博", "Weibo"), shown("wechat", "微信", "WeChat")],
    signUp: { ...defaultSignUp, ...signUp },
    passkeys: { rpId },
  });
  return { asked, calls: () => asked.map(({ what }) => what) };
}

/** A provider as the site is told of it. */
export function shown(name: string, zh: string, en: string): KnownProvider {
  return { name, aliases: [], title: { zh, en }, mark: `/provider-marks/${name}.svg` };
}

/** An error as the API answers it (RFC 9457). */
export function problem(status: number, code: string, title: string): Response {
  return Response.json({ code, title, status, fields: [] }, { status });
}

export async function openPage(
  component: Component,
  address: string,
): Promise<{ page: VueWrapper; router: Router }> {
  const nothing = { render: () => null };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/oauth/callback/:provider", component: nothing },
      { path: "/:rest(.*)*", component: nothing },
    ],
  });
  await router.push(address);
  const page = mount(component, { global: { plugins: [i18n, router] }, attachTo: document.body });
  await flushPromises();
  return { page, router };
}
