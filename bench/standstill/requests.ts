import type { InjectOptions } from "fastify";
import { nameOf, password } from "../accounts.ts";

/** What is asked: every list with what costs most of its filters, and one request of each other kind. */
export interface Asked {
  readonly label: string;
  readonly request: InjectOptions;
}

const userLists = [
  ...["", "?is_staff=true", "?is_superuser=true", "?is_active=false", "?is_active=true&is_staff=false"],
  ...["?search=u", "?search=user_", "?search=user_&group=1", "?search=nobody", "?search=500000", "?group=1"],
  ...["?group=1&is_staff=true", "?search=user_&is_staff=true&is_active=false"],
  ...["?after=900000&search=user_&group=1", "?search=openid-77&match=exact", "?provider=qq&is_staff=true"],
  ...["?match=contains&search=zz9", "?match=contains&search=user_&is_staff=true", "?second_factor=missing"],
  ...["?second_factor=on", "?confirmed=false", `?search=${nameOf(77)}&match=exact`, "?limit=200"],
  ...[
    `?search=${nameOf(77)}@example.com&match=exact`,
    "?search=user_1&match=prefix&provider=weixin&limit=200",
    "?joined_from=2020-01-01T00:00:00Z&is_staff=true",
    "?seen_from=2020-01-01T00:00:00Z&seen_to=2020-01-02T00:00:00Z",
  ],
].map((query) => `/admin/users/${query}`);
const audit = [
  ...["", "?kind=user", "?kind=system", "?target=500000", "?actor=7", "?actor=7&kind=system"],
  ...["?action=user.delete", "?action=user.change&actor=7", "?since=2020-01-01T00:00:00Z&kind=system"],
];
const mails = [
  "",
  "?state=queued",
  "?state=bounced",
  "?state=accepted",
  "?to=someone77@example.com",
  "?user=77",
];
const jobs = ["", "?state=waiting", "?state=running", "?state=done", "?state=dead"];

const others = [
  ...[
    "/admin/users/7/",
    "/admin/users/7/access/",
    "/admin/users/77/impersonation/",
    "/admin/users/7/sessions/",
    "/admin/users/7/log-ins/",
    "/admin/groups/",
  ],
  ...["/admin/groups/1/", "/admin/permissions/", "/admin/invitations/", "/admin/overview/"],
  ...["/admin/invitations/?before=500000", "/admin/webhooks/", "/admin/webhooks/1/deliveries/"],
  // As tables.ts numbers them.
  `/admin/jobs/job-${(77 * 2_654_435_761) % 4_294_967_296}/`,
  ...[
    "/admin/users/7/notes/",
    "/admin/denials/",
    "/admin/refusals/",
    "/admin/refusals/?before=500000",
    "/admin/blocks/locked/",
  ],
  ...[`/admin/blocks/?name=${nameOf(77)}`, "/admin/blocks/?address=192.0.2.1", "/admin/users/bulk/"],
  ...["/admin/data-requests/deletions/", "/admin/data-requests/exports/"],
  ...["/admin/data-requests/number-leaves/", "/admin/runs/", "/admin/services/", "/admin/keys/"],
  ...["/admin/providers/", "/admin/mails/templates/", "/admin/sms/templates/"],
  ...["/admin/webhooks/1/deliveries/?before=500000", "/admin/audit/export/?limit=1000"],
  ...["/admin/audit/export/?after=500000&limit=1000", "/user/", "/user/sessions/", "/user/log-ins/"],
  ...["/user/bindings/", "/user/consents/", "/user/permissions/", "/user/remembered-devices/"],
  ...["/user/passkeys/", "/user/second-factor/", "/user/export/", "/user/reauthentication/"],
  ...[`/users/usernames/${nameOf(77)}/count/`, "/users/emails/nobody@example.com/count/"],
  ...["/healthz", "/readyz", "/.well-known/jwks.json", "/oauth/providers/"],
];

export function requestsOf(token: string, run: number): Asked[] {
  const headers = { authorization: `JWT ${token}` };
  const get = (url: string): Asked => ({ label: `GET ${url}`, request: { url, headers } });
  const send = (method: "POST" | "PATCH" | "PUT" | "DELETE", url: string, payload?: object): Asked => ({
    label: `${method} ${url}`,
    request: { method, url, headers, ...(payload === undefined ? {} : { payload }) },
  });
  const logIn = { username: nameOf(77), password };
  /** Somebody else in each run. */
  const id = 1000 + run;
  return [
    ...userLists.map(get),
    ...audit.map((query) => get(`/admin/audit/${query}`)),
    ...mails.map((query) => get(`/admin/mails/${query}`)),
    ...jobs.map((query) => get(`/admin/jobs/${query}`)),
    ...others.map(get),
    get(`/verifications/email_codes/standstill${run}-${process.pid}@example.com/?send_type=register`),
    { label: "POST a log-in", request: { method: "POST", url: "/users/authorizations/", payload: logIn } },
    send("PATCH", `/admin/users/${id}/`, { first_name: `x${run}` }),
    send("PUT", `/admin/users/${id}/groups/`, { groups: [1] }),
    send("POST", `/admin/users/${id}/end-tokens/`),
    send("POST", "/admin/users/export/", { format: "csv", is_active: false }),
    send("POST", "/admin/users/export/", { format: "csv", search: "zz9", match: "contains", is_staff: true }),
    send("POST", "/admin/users/bulk/count/", { filter: { is_staff: true } }),
    send("POST", "/admin/users/bulk/count/", { filter: { search: "zz9", match: "contains" } }),
    send("POST", "/admin/webhooks/1/deliveries/1/retry/"),
    send("DELETE", "/admin/webhooks/3/"),
    send("DELETE", "/admin/groups/2/"),
    send("DELETE", `/admin/users/${id}/`, { reason: "a reason" }),
    send("POST", "/user/export/"),
  ];
}
