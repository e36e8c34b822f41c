import type { InjectOptions } from "fastify";
import { nameOf, password } from "../accounts.ts";

/** What is asked: every list with what costs most of its filters, and one request of each other kind. */
export interface Asked {
  readonly label: string;
  readonly request: InjectOptions;
}

const lists = [
  ...["", "?is_staff=true", "?is_superuser=true", "?is_active=false", "?is_active=true&is_staff=false"],
  ...[
    "?search=u",
    "?search=user_",
    "?search=user_&group=1",
    "?search=nobody",
    "?group=1",
    "?group=1&is_staff=true",
  ],
  ...["?search=user_&is_staff=true&is_active=false", "?after=900000&search=user_&group=1"],
].map((query) => `/admin/users/${query}`);
const audit = ["", "?kind=user", "?kind=system", "?target=500000", "?actor=7", "?actor=7&kind=system"];
const mails = ["", "?state=queued", "?state=bounced", "?state=accepted", "?to=someone77@example.com"];

const others = [
  "/admin/users/7/",
  "/admin/users/7/sessions/",
  "/admin/groups/",
  "/admin/groups/1/",
  "/admin/permissions/",
  "/admin/invitations/",
  "/user/",
  "/user/sessions/",
  "/user/bindings/",
  "/user/consents/",
  "/user/permissions/",
  `/users/usernames/${nameOf(77)}/count/`,
  "/users/emails/nobody@example.com/count/",
  "/healthz",
  "/readyz",
];

export function requestsOf(token: string, run: number): Asked[] {
  const headers = { authorization: `JWT ${token}` };
  const get = (url: string): Asked => ({ label: `GET ${url}`, request: { url, headers } });
  const logIn = { username: nameOf(77), password };
  return [
    ...lists.map(get),
    ...audit.map((query) => get(`/admin/audit/${query}`)),
    ...mails.map((query) => get(`/admin/mails/${query}`)),
    ...others.map(get),
    get(`/verifications/email_codes/standstill${run}@example.com/?send_type=register`),
    { label: "POST a log-in", request: { method: "POST", url: "/users/authorizations/", payload: logIn } },
    {
      label: "DELETE the group that everybody is in",
      request: { method: "DELETE", url: "/admin/groups/2/", headers },
    },
  ];
}
