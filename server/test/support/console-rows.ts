/** Rows of permission-matrix.test.ts: the lists under /admin/, and what the console's pages call beside them. */
type Statuses = readonly [number, number, number, number, number];
type Call = () => object | Promise<object>;

type StaffWith = (status: number) => Statuses;
type OnUser = (suffix: string, payload?: object) => Call;

export function consoleRows(staffWith: StaffWith, onUser: OnUser) {
  const row = rowsFor(staffWith);
  const denied = { kind: "domain", reason: "junk sign-ups" };
  const nobody = { ids: [], action: "end_tokens", reason: "as asked for", confirm: 1 };
  const reads = {
    users: "users.view_user",
    invitations: "users.view_user",
    mails: "mail.view_mail",
    groups: "auth.view_group",
    permissions: "auth.view_permission",
    audit: "audit.view_auditentry",
    jobs: "jobs.view_job",
    overview: "overview.view_overview",
  };
  return [
    ...Object.entries(reads).map(([name, permission]) => ({
      ...{ route: `GET /admin/${name}/`, permission, expected: staffWith(200) },
    })),
    row("POST /admin/users/:id/reveal/", "users.view_user", onUser("reveal/")),
    {
      ...{ route: "GET /admin/users/:id/access/", permission: "users.view_user" },
      ...{ expected: staffWith(200), call: onUser("access/") },
    },
    {
      ...{ route: "GET /admin/jobs/:job/", permission: "jobs.view_job", expected: staffWith(404) },
      call: () => ({ url: "/admin/jobs/nobodys/" }),
    },
    ...["retry", "discard"].map((verb) => ({
      ...{ route: `POST /admin/jobs/:job/${verb}/`, permission: "jobs.change_job", forPeople: true as const },
      ...{ expected: staffWith(404), call: () => ({ url: `/admin/jobs/nobodys/${verb}/` }) },
    })),
    ...asOwnerRows(staffWith, onUser),
    row("POST /admin/users/:id/notes/", "users.change_note", onUser("notes/", { text: "called" }), 201),
    row("GET /admin/users/:id/notes/", "users.view_note", onUser("notes/")),
    row("DELETE /admin/users/:id/notes/:note/", "users.change_note", onUser("notes/nobodys/"), 404),
    ...["disable", "enable"].map((verb) => ({
      ...{ route: `POST /admin/users/:id/${verb}/`, permission: "users.change_user" },
      ...{ expected: staffWith(200), call: onUser(`${verb}/`, { reason: "as asked for" }) },
    })),
    row("GET /admin/denials/", "admission.view_denial", () => ({})),
    row(
      "POST /admin/denials/",
      "admission.change_denial",
      () => ({ payload: { ...denied, value: "spam.example" } }),
      201,
    ),
    row(
      "DELETE /admin/denials/:denial/",
      "admission.change_denial",
      () => ({ url: "/admin/denials/nobodys/" }),
      404,
    ),
    row("GET /admin/refusals/", "log_ins.view_block", () => ({})),
    row("GET /admin/blocks/", "log_ins.view_block", () => ({ url: "/admin/blocks/?name=nobody" })),
    row("GET /admin/blocks/locked/", "log_ins.view_block", () => ({ url: "/admin/blocks/locked/" })),
    row("POST /admin/blocks/unlock/", "log_ins.change_block", () => ({
      payload: { name: "nobody", reason: "called" },
    })),
    row("POST /admin/users/bulk/count/", "users.bulk_user", () => ({ payload: { ids: [] } })),
    // Nobody is meant.
    row("POST /admin/users/bulk/", "users.bulk_user", () => ({ payload: nobody }), 409),
    row("GET /admin/users/bulk/", "users.bulk_user", () => ({})),
    row("GET /admin/users/bulk/:run/", "users.bulk_user", () => ({ url: "/admin/users/bulk/nobodys/" }), 404),
    row(
      "POST /admin/users/:id/archive/",
      "users.export_user",
      onUser("archive/", { reason: "asked by letter" }),
    ),
    row("POST /admin/users/export/", "users.export_user", () => ({ payload: { format: "csv" } })),
  ];
}

const rowsFor =
  (staffWith: StaffWith) =>
  (route: string, permission: string, call: Call, status = 200) => ({
    ...{ route, permission, forPeople: true as const },
    ...{ expected: staffWith(status), call },
  });

/** Looking at an account as its owner, and acting in their place. */
function asOwnerRows(staffWith: StaffWith, onUser: OnUser) {
  const row = rowsFor(staffWith);
  const because = { reason: "as asked for" };
  return [
    row("POST /admin/users/:id/look-as/", "users.look_as_user", onUser("look-as/", because)),
    row("GET /admin/users/:id/impersonation/", "users.impersonate_user", onUser("impersonation/")),
    // Off, as it is unless the site says otherwise; who may and where it is on: impersonation.test.ts.
    row(
      "POST /admin/users/:id/impersonation/",
      "users.impersonate_user",
      onUser("impersonation/", because),
      403,
    ),
    row("DELETE /admin/users/:id/impersonation/", "users.impersonate_user", onUser("impersonation/"), 404),
  ];
}

/** What the console changes beyond what was there before it, for step-up-matrix.test.ts. */
export const consoleChanges = [
  "POST /admin/users/bulk/",
  ...["enable/", "disable/", "notes/", "archive/", "look-as/", "impersonation/"].map(
    (end) => `POST /admin/users/:id/${end}`,
  ),
  "DELETE /admin/users/:id/notes/:note/",
  "DELETE /admin/users/:id/impersonation/",
  "POST /admin/denials/",
  "DELETE /admin/denials/:denial/",
  "POST /admin/blocks/unlock/",
];
