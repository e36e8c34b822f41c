/**
 * The routes of the API that ask nobody to prove themselves again, and why: for step-up-matrix.test.ts, which fails where a route
 * is neither here nor among those that it tries.
 */
interface Exempt {
  readonly route: string;
  readonly because: string;
}

/** The call itself brings what shows whose account it is, and is refused without. */
export const provesItself: readonly Exempt[] = [
  ...["/users/authorizations/", "/authorizations/", "/token/", "/api/token/"].map((path) => ({
    ...{ route: `POST ${path}`, because: "the password, and then the second factor" },
  })),
  ...["/users/second-factor/", "/token/second-factor/", "/api/token/second-factor/"].map((path) => ({
    ...{ route: `POST ${path}`, because: "the step of a first factor, and the second factor" },
  })),
  ...["/users/second-factor/passkey/", "/users/second-factor/lost/"].map((path) => ({
    ...{ route: `POST ${path}`, because: "the step of a first factor; changes nothing" },
  })),
  ...["", "confirm/", "passkey/", "passkey/confirm/"].map((end) => ({
    route: `POST /users/second-factor/enrolment/${end}`,
    because: "the step of a first factor, of an account that has no second one",
  })),
  ...["ask/", "finish/"].map((end) => ({
    route: `POST /users/second-factor/lost/${end}`,
    because: "the step of a first factor, twice, a day apart, told on every channel",
  })),
  { route: "POST /users/second-factor/lost/cancel/", because: "the mail's link" },
  { route: "POST /users/codes/sign-in/", because: "a code by mail, and then the second factor" },
  {
    route: "POST /users/deletion/cancel/",
    because: "the step of a log-in, whose account then goes on as it was",
  },
  { route: "POST /users/passkeys/", because: "a passkey, whose device verified its user" },
  { route: "POST /users/password/", because: "a code by mail; the second factor stays" },
  { route: "POST /oauth/:provider/user/", because: "a first log-in's ticket, for an account of its own" },
  {
    route: "POST /oauth/:provider/account/",
    because: "the ticket, a code by mail and the account's password",
  },
  {
    route: "GET /oauth/:provider/user/",
    because: "the third party's code, in the flow that this browser began",
  },
  ...["/token/refresh/", "/api/token/refresh/", "/user/tokens/refresh/"].map((path) => ({
    ...{ route: `POST ${path}`, because: "the refresh token; what it renews is no more recent than before" },
  })),
  ...["/token/blacklist/", "/api/token/blacklist/"].map((path) => ({
    ...{ route: `POST ${path}`, because: "the refresh token, whose session it ends: a log-out" },
  })),
  { route: "POST /user/sessions/disown/", because: "the mail's link" },
  { route: "POST /setup/superuser/", because: "the link that the start of a development set-up gave" },
  { route: "POST /user/mobile/leave/", because: "a proof by another channel than the number, for this call" },
  ...["recovery-codes/", "remove/", "replacement/"].map((end) => ({
    ...{
      route: `POST /user/second-factor/${end}`,
      because: "a code of the factor, a passkey, or a proof by one",
    },
  })),
  { route: "POST /mails/events/", because: "the mail service's signature" },
  ...["", ":token/"].map((end) => ({
    ...{ route: `POST /sms/events/${end}`, because: "the secret that the SMS vendor was given" },
  })),
];

/** Changes nothing. One that sends something is below, with what never asks. */
export const reading: readonly string[] = [
  "GET /test/",
  "GET /healthz",
  "GET /readyz",
  ...["jwks.json", "change-password", "webauthn"].map((name) => `GET /.well-known/${name}`),
  ...["", "/users"].flatMap((start) => [
    `GET ${start}/usernames/:username/count/`,
    `GET ${start}/emails/:email/count/`,
  ]),
  "GET /oauth/providers/",
  "POST /oauth/callback/:provider/",
  "GET /avatars/:file",
  "GET /admin/webhooks/",
  "GET /admin/overview/",
  "GET /admin/audit/export/",
  "GET /admin/webhooks/:id/deliveries/",
  "GET /users/user/detail/",
  // What a package holds is asked for as POST /user/export/ is; whether there is one is not.
  ...["", ":export/"].map((end) => `GET /user/export/${end}`),
  ...["", "sessions/", "remembered-devices/", "permissions/", "consents/", "bindings/", "passkeys/"].map(
    (end) => `GET /user/${end}`,
  ),
  ...["reauthentication/", "second-factor/", "mobile/leave/", "log-ins/"].map((end) => `GET /user/${end}`),
  ...[
    "users/",
    "users/:id/",
    "users/:id/sessions/",
    "users/:id/log-ins/",
    "invitations/",
    "groups/",
    "groups/:id/",
  ].map((end) => `GET /admin/${end}`),
  ...["bulk/", "bulk/:run/", ":id/notes/", ":id/impersonation/"].map((end) => `GET /admin/users/${end}`),
  "POST /admin/users/bulk/count/",
  ...["denials/", "refusals/", "blocks/", "blocks/locked/"].map((end) => `GET /admin/${end}`),
  ...["permissions/", "audit/", "mails/", "jobs/", "jobs/:job/", "users/:id/access/"].map(
    (end) => `GET /admin/${end}`,
  ),
  ...["services/", "keys/", "providers/", "settings/", "runs/"].map((end) => `GET /admin/${end}`),
  ...["deletions/", "exports/", "number-leaves/"].map((end) => `GET /admin/data-requests/${end}`),
  "POST /admin/doctor/",
  "GET /admin/doctor/",
  "GET /admin/mails/templates/",
  "GET /admin/sms/templates/",
  "POST /admin/mails/preview/",
  "GET /mails/previews/:ticket/",
  "POST /token/introspect/",
  "POST /token/verify/",
  "POST /api/token/verify/",
  "POST /users/invitations/",
];

export const exempt: readonly Exempt[] = [
  ...["PUT", "DELETE"].map((method) => ({
    route: `${method} /users/:id/deletion/hold/`,
    because: "for services alone, which no person is behind",
  })),
  { route: "POST /users/", because: "it makes an account, and changes none" },
  ...["/verifications/email_codes/:email/", "/email_codes/:email/"].map((path) => ({
    route: `GET ${path}`,
    because: "the contract: it mails whoever reads the address, within budgets",
  })),
  ...["/verifications/sms_codes/:mobile/", "/sms_codes/:mobile/"].map((path) => ({
    route: `GET ${path}`,
    because: "it leads to PUT /user/mobile/, which asks; budgets bound what it sends",
  })),
  { route: "GET /oauth/:provider/authorization/", because: "it begins a log-in of whoever agrees there" },
  { route: "POST /users/passkeys/options/", because: "it begins a log-in" },
  { route: "POST /user/reauthentication/", because: "it is where one proves oneself" },
  { route: "POST /user/reauthentication/email-code/", because: "it leads there, and mails the owner alone" },
  { route: "POST /user/reauthentication/authorization/", because: "it leads there" },
  { route: "POST /user/joining/preview/", because: "it needs the ticket that a proved call was given" },
  { route: "DELETE /user/mobile/leave/", because: "it keeps what there is" },
  { route: "DELETE /user/sessions/current/", because: "a log-out never asks" },
  { route: "POST /user/tokens/end/", because: "whoever finds a stranger in gets rid of them at once" },
  { route: "POST /user/passkeys/", because: "it needs the challenge that a proved call was given" },
  { route: "POST /user/passkeys/proof/", because: "it leads to a proof" },
  { route: "PATCH /user/passkeys/:passkey/", because: "a name opens nothing" },
  { route: "DELETE /user/remembered-devices/:device", because: "less is trusted than before" },
  {
    route: "POST /admin/providers/:provider/check/",
    because: "it changes nothing, here or there: it asks a third party with a code that is none",
  },
  {
    route: "POST /admin/users/:id/reveal/",
    because: "it shows what its caller may read anyway, and writes down that they did",
  },
  ...["POST /user/consents/", "POST /user/age/", "PUT /user/consents/:purpose/"].map((route) => ({
    ...{ route, because: "it opens and recovers nothing" },
  })),
  ...["PUT /user/avatar/", "PUT /user/avatar/provider/", "DELETE /user/avatar/"].map((route) => ({
    ...{ route, because: "a picture opens nothing" },
  })),
  { route: "DELETE /user/consents/:purpose/", because: "taken back as easily as given (PIPL 15)" },
  {
    route: "POST /user/second-factor/replacement/confirm/",
    because: "it needs the secret that a proved call was shown",
  },
  { route: "POST /user/second-factor/confirm/", because: "it needs the secret that a proved call was shown" },
];
