import { sampleProvider, sampleUser } from "./page-samples.ts";
import type { PageState } from "./previewed-state.ts";

/** States of the page that joins two accounts, by who is logged in and what the tab carries. */
const path = "/joining";
const endsAt = Date.parse("2099-01-01T00:00:00.000Z");
const offered = { offer: "sample", keptName: "zhang_san", endsAt };
const carrying = (begun: object) => ({ remembers: { "meiduo.joining": { ...offered, ...begun } } });
const own = carrying({ keptId: sampleUser.id });
const others = { keptId: 8, keptName: "li_si" };
const ticket = { ticket: "sample", joinedName: "user20457193" };
const ready = carrying({ keptId: sampleUser.id, ...ticket });

const preview = {
  kept: { id: sampleUser.id, username: "zhang_san" },
  joined: { id: 9, username: "user20457193" },
  problems: [] as readonly string[],
  bindings: [
    {
      provider: sampleProvider.name,
      nickname: "飞翔的企鹅",
      created_at: "2026-11-22T12:00:00.000Z",
      unproved: false,
    },
    { provider: sampleProvider.name, nickname: null, created_at: "2026-11-22T12:00:00.000Z", unproved: true },
  ],
  items: [
    { what: "username", becomes: "stays", value: "zhang_san", count: 1 },
    { what: "username", becomes: "lost", value: "user20457193", count: 1 },
    { what: "email", becomes: "stays", value: "zhang@example.com", count: 1 },
    { what: "name", becomes: "stays", value: "张三", count: 1 },
    { what: "password", becomes: "stays", value: null, count: 1 },
    { what: "nickname", becomes: "moves", value: "三哥", count: 1 },
    { what: "passkeys", becomes: "lost", value: null, count: 2 },
    { what: "addresses", becomes: "moves", value: null, count: 3 },
  ],
  digest: "sample",
};
const seen = { "POST /user/joining/preview/": { body: preview } };
const join = [["[data-action=join]"]] as const;

export const joiningStates: readonly PageState[] = [
  { name: "joining", path, shows: "[data-action=begin]" },
  { name: "joining-other", path, shows: "[data-action=other]", ...own },
  { name: "joining-agree", path, shows: "[data-action=agree]", ...carrying(others) },
  {
    ...{ name: "joining-agree-number", path, sms: true, shows: "[name=old_sms_code]", ...carrying(others) },
    answers: { "POST /user/joining/ticket/": { error: "old_number_required" } },
    acts: [["[data-action=agree]"]],
  },
  { name: "joining-back", path, shows: "[data-action=back]", ...carrying({ ...others, ...ticket }) },
  { name: "joining-preview", path, shows: "[data-action=join]", answers: seen, ...ready },
  {
    ...{ name: "joining-prevented", path, shows: ".notice.warn", ...ready },
    answers: {
      "POST /user/joining/preview/": {
        body: { ...preview, problems: ["staff", "rights", "unavailable", "deletion_pending"] },
      },
    },
  },
  {
    ...{ name: "joining-changed", path, shows: ".notice.bad", acts: join, ...ready },
    answers: { ...seen, "POST /user/joining/": { error: "joining_changed" } },
  },
  {
    ...{ name: "joined", path, shows: ".notice.good", acts: join, ...ready },
    answers: { ...seen, "POST /user/joining/": { body: { message: "OK", joined_id: 9 } } },
  },
];

/** Of the log-in page in between. */
export const joinLogInStates: readonly PageState[] = [
  { name: "log-in-other", path: "/login?reason=joinOther&next=/joining", shows: ".notice.good" },
  { name: "log-in-kept", path: "/login?reason=joinKept&next=/joining", shows: ".notice.good" },
];
