import type { LogInHistory } from "../client/src/client.ts";
import { sampleSessions } from "./page-samples.ts";
import type { Answers, PageState } from "./previewed-state.ts";

/** States of the list of past log-ins, below the devices. */
const [first, ...others] = sampleSessions;
const viewOf = ({
  created_at: at,
  way,
  provider,
  browser,
  system,
  network,
}: (typeof sampleSessions)[number]) => ({
  ...{ at, way, provider, browser, system, network, ended_at: null },
});

const history: LogInHistory = {
  log_ins: [first!, ...others].map(viewOf),
  refused: [
    { at: "2026-11-22T11:00:00.000Z", reason: "wrong_password", network: "198.51.100.0/24", times: 3 },
  ],
  next: "sample",
};
const answer = (body: LogInHistory): Answers => ({ "GET /user/log-ins/": { body } });

export const logInHistory = answer(history);

const page = { path: "/account/devices" };
const listed = { "GET /user/sessions/": { body: { sessions: sampleSessions } } };

export const logInHistoryStates: readonly PageState[] = [
  { ...page, name: "log-in-history", shows: "[data-refused]", answers: { ...listed, ...logInHistory } },
  {
    ...{ ...page, name: "log-in-history-empty", shows: "[data-empty]" },
    answers: { ...listed, ...answer({ log_ins: [], refused: [], next: null }) },
  },
  {
    ...{ ...page, name: "log-in-history-failed", shows: ".notice.bad" },
    answers: { ...listed, "GET /user/log-ins/": { error: "internal" } },
  },
];
