/**
 * What each switch of the sandbox leads to at each provider that has it; oauth-switches.test.ts holds the product to
 * it. Causes are what the log says, whole where they are ours.
 */
export const titles = {
  qq: "QQ",
  weibo: "微博",
  github: "GitHub",
  wechat: "微信",
  apple: "Apple",
  oidc: "OpenID Connect",
} as const;
export type Name = keyof typeof titles;
export const names = Object.keys(titles) as Name[];

export type Outcome =
  /** As if nothing were wrong; the profile's e-mail where it is another than usual. */
  | { readonly kind: "fine"; readonly email?: string | null }
  /** 400: the visitor starts again. */
  | { readonly kind: "refused" }
  /** 503, and the log names the cause. */
  | { readonly kind: "trouble"; readonly cause: RegExp }
  /** The profile alone failed: 200 without one, and the log names the cause. */
  | { readonly kind: "undecorated"; readonly cause: RegExp }
  /** The provider keeps the visitor on a page of its own. */
  | { readonly kind: "stays"; readonly text: string }
  /** The provider sends the visitor back with an error instead of a code. */
  | { readonly kind: "returned"; readonly error: string }
  | { readonly kind: "twice" };

const fine = { kind: "fine" } as const;
const refused = { kind: "refused" } as const;
const twice = { kind: "twice" } as const;
const trouble = (cause: RegExp) => ({ kind: "trouble", cause }) as const;
const undecorated = (cause: RegExp) => ({ kind: "undecorated", cause }) as const;
const stays = (text: string) => ({ kind: "stays", text }) as const;
const everywhere = (outcome: Outcome) => Object.fromEntries(names.map((name) => [name, outcome]));

type Row = Partial<Record<Name, Outcome>>;

/** Those whose answers the OpenID Connect library reads. */
const issuers = (outcome: Outcome): Row => ({ oidc: outcome, apple: outcome });

/** The same failure reads differently where GitHub's status or the OpenID Connect library speaks first. */
const slow = everywhere(trouble(/: no answer in time$/));
const dropped = everywhere(trouble(/: connection failed \(\w+\)$/));
const huge = everywhere(trouble(/: answer above 65536 bytes$/));
const redirect = everywhere(trouble(/: redirect 302 not followed$/));
const notJson = (step: string, status: number): Row => ({
  ...everywhere(trouble(new RegExp(`^${step}: not JSON \\(status ${status}, \\d+ characters\\)$`))),
  ...issuers(trouble(new RegExp(`^${step}: `))),
});
/** The same failures, where who it is was proved before. */
const withoutProfile = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, outcome]) => [
      name,
      outcome.kind === "trouble" ? undecorated(outcome.cause) : outcome,
    ]),
  );
const notObject = (step: string): Row => ({
  ...everywhere(trouble(new RegExp(`^${step}: not an object \\(status 200\\)$`))),
  ...issuers(trouble(new RegExp(`^${step}: `))),
});

export const rows: Readonly<Record<string, Row>> = {
  "code-reused": everywhere(refused),
  "code-expired": everywhere(refused),
  "wrong-secret": {
    qq: trouble(/^token: error 100009$/),
    weibo: trouble(/^token: status 401, error 21324$/),
    github: trouble(/^token: status 200, error incorrect_client_credentials$/),
    wechat: trouble(/^token: errcode 40125$/),
    ...issuers(trouble(/^token: error invalid_client$/)),
  },
  "redirect-mismatch": {
    qq: stays("redirect uri is illegal(100010)"),
    weibo: stays("error:redirect_uri_mismatch (21322)"),
    github: { kind: "returned", error: "redirect_uri_mismatch" },
    wechat: stays("redirect_uri 参数错误"),
    oidc: stays("invalid redirect_uri"),
    apple: stays("invalid_request: Invalid web redirect url."),
  },
  twice: everywhere(twice),
  "profile-error": {
    qq: undecorated(/^profile: ret -1$/),
    weibo: undecorated(/^profile: status 403, error 21332$/),
    github: trouble(/^user: status 502$/),
    wechat: undecorated(/^profile: errcode 40001$/),
    oidc: undecorated(/^profile: /),
    // There is nothing to ask for beside the ID token.
    apple: fine,
  },
  "zero-id": {
    qq: trouble(/^me: no usable openid$/),
    weibo: trouble(/^token: no usable uid$/),
    github: trouble(/^user: no usable id$/),
    wechat: trouble(/^token: no usable openid$/),
    ...issuers(trouble(/^token: no usable sub$/)),
  },
  "jsonp-compact": { qq: fine },
  "fmt-ignored": { qq: fine },
  "no-unionid": { qq: fine, wechat: fine },
  "unionid-refused": { qq: fine },
  "types-swapped": { weibo: fine },
  "refused-401": { weibo: refused },
  "test-mode": { weibo: undecorated(/^profile: status 403, error 21321$/) },
  "wrong-verifier": { github: refused, ...issuers(refused) },
  "emails-refused": { github: { kind: "fine", email: null } },
  "wrong-nonce": issuers(trouble(/^token: .*"nonce"/)),
  "wrong-issuer": issuers(trouble(/^token: .*"iss"/)),
  "wrong-audience": issuers(trouble(/^token: .*"aud"/)),
  "token-expired": issuers(trouble(/^token: .*"exp"/)),
  // A log-in is one, whenever it was; of a proof: step-up-provider.test.ts.
  "old-log-in": { oidc: fine },
  "hidden-address": { apple: { kind: "fine", email: "xiaomei@privaterelay.appleid.com" } },
  "revoke-refused": { ...issuers(fine), github: fine, weibo: fine },
  "revoke-down": { ...issuers(fine), github: fine, weibo: fine },
  "wrong-signature": issuers(trouble(/^token: .*signature/)),
  "token-slow": slow,
  "token-dropped": dropped,
  "token-html": notJson("token", 500),
  "token-html-200": notJson("token", 200),
  "token-empty": notJson("token", 200),
  "token-huge": huge,
  "token-list": notObject("token"),
  "token-redirect": redirect,
  "identity-slow": slow,
  "identity-dropped": dropped,
  "identity-html": { ...notJson("me", 500), github: trouble(/^user: status 500$/) },
  "identity-html-200": { ...notJson("me", 200), github: trouble(/^user: not JSON \(status 200, /) },
  "identity-empty": { ...notJson("me", 200), github: trouble(/^user: not JSON \(status 200, 0 /) },
  "identity-huge": huge,
  "identity-list": { ...notObject("me"), github: trouble(/^user: not an object \(status 200\)$/) },
  "identity-redirect": redirect,
  "profile-slow": withoutProfile(slow),
  "profile-dropped": withoutProfile(dropped),
  "profile-html": withoutProfile({ ...notJson("profile", 500), github: trouble(/^emails: status 500$/) }),
  "profile-html-200": withoutProfile({ ...notJson("profile", 200), github: trouble(/^emails: not JSON$/) }),
  "profile-empty": withoutProfile({ ...notJson("profile", 200), github: trouble(/^emails: not JSON$/) }),
  "profile-huge": withoutProfile(huge),
  // A list is what GitHub's e-mail addresses are; there is none in this one.
  "profile-list": withoutProfile({ ...notObject("profile"), github: { kind: "fine", email: null } }),
  "profile-redirect": withoutProfile(redirect),
};
