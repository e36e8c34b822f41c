import type { PageState } from "./previewed-state.ts";

/** States of the pages about one's own data, and of a log-in to an account that is going to be deleted. */
const path = "/account/data";
const ready = {
  ...{ id: "sample", state: "ready", bytes: 4096, asked_at: "2026-11-22T12:00:00.000Z" },
  ...{ ready_at: "2026-11-22T12:01:00.000Z", expires_at: "2026-11-29T12:01:00.000Z" },
};
const consents = {
  consents: [{ document: "terms", version: "2026-11", agreed: "2026-11-22T12:00:00.000Z" }],
  optional: [
    {
      ...{ purpose: "marketing", version: "2026-11", given: true },
      ...{ chosen: "2026-11-22T12:00:00.000Z", chosen_version: "2026-11" },
    },
  ],
};
const listOf = (...exports: readonly object[]) => ({
  ...{ "GET /user/export/": { body: { exports } }, "GET /user/consents/": { body: consents } },
});

export const ownDataStates: readonly PageState[] = [
  { name: "own-data", path, shows: "[data-action=export]", answers: listOf() },
  { name: "own-data-ready", path, shows: "[data-export=ready] button", answers: listOf(ready) },
  {
    ...{ name: "own-data-asked", path, acts: [["[data-action=export]"]], shows: ".notice.good" },
    answers: {
      ...listOf({ ...ready, state: "preparing", bytes: null, ready_at: null }),
      "POST /user/export/": { body: { ...ready, state: "preparing" } },
    },
  },
  {
    ...{ name: "own-data-throttled", path, acts: [["[data-action=export]"]], shows: ".notice.bad" },
    answers: { ...listOf(), "POST /user/export/": { error: "throttled", retryAfterSeconds: 3600 } },
  },
  {
    ...{ name: "delete-account", path, acts: [["[data-action=delete]"]], shows: "form [type=submit]" },
    answers: listOf(),
  },
];

const pending = {
  ...{ error: "deletion_pending" as const, parameters: { day: "2026-11-29" } },
  answer: {
    ...{ code: "deletion_pending", step: "sample", expires_in: 600 },
    erased_at: "2026-11-29T12:00:00.000Z",
  },
};

export const keepStates: readonly PageState[] = [
  {
    ...{ name: "keep-account", path: "/login", shows: "[data-action=keep]" },
    acts: [
      ["[name=username]", "zhang_san"],
      ["[name=password]", "three quiet lanterns"],
      ["form [type=submit]"],
    ],
    answers: { "POST /users/authorizations/": pending },
  },
  { name: "keep-account-over", path: "/keep-account", shows: ".notice.warn" },
];
