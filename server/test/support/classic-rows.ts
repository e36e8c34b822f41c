import type { InjectOptions } from "fastify";
import { type Classic, password } from "./classic.ts";

/** Every route that CONTRACT=classic adds: who may call it, and what it asks to prove (classic-matrix.test.ts, classic-step-up.test.ts). */
export interface ClassicPerson {
  readonly id: number;
  readonly username: string;
  readonly mobile: string;
  readonly token: string;
}

export const classicCallers = ["anonymous", "person", "other", "staff", "service"] as const;
/** Nobody; a person about what is theirs; another one, and staff with every permission, about the same; a service with every scope. */
export type ClassicCaller = (typeof classicCallers)[number];

export interface ClassicRow {
  readonly route: string;
  readonly expected: Readonly<Record<ClassicCaller, number>>;
  /** What changes nothing is `reads`; `proves`: the call brings what shows whose account it is; `exempt`: asks nobody, for the reason. */
  readonly stepUp:
    | { readonly reads: true }
    | { readonly asks: "email" | "password" }
    | { readonly proves: string }
    | { readonly exempt: string };
  /** The request is about `owner`; `caller` is null where there is no person. */
  readonly call: (
    owner: ClassicPerson,
    caller: ClassicPerson | null,
  ) => Promise<Partial<InjectOptions>> | Partial<InjectOptions>;
  /** Of people who are nobody else's in the table. */
  readonly endsTokens?: true;
}

const addressFields = {
  ...{ title: "家", receiver: "张三", province_id: 110000, city_id: 110100, district_id: 110101 },
  ...{ place: "长安街 1 号", mobile: "13800138000" },
};

const fresh = "another-8Bb";
const everybody = { anonymous: 200, person: 200, other: 200, staff: 200, service: 200 };
/** Where a token is looked at, a service's is refused. */
const everyPerson = { ...everybody, service: 403 };
const loggedIn = { ...everyPerson, anonymous: 401 };
const ownAlone = (status: number, others: number) => ({
  ...{ anonymous: 401, person: status, other: others, staff: others, service: 403 },
});
const reads = { reads: true } as const;
const uuid = "0b8f6b2e-7f7c-4a4c-9a51-5f7a3f8f6f10";
let count = 0;

export function classicRows(site: () => Classic): readonly ClassicRow[] {
  const { sendTicket, code } = findSteps(site);
  const addressOf = async ({ token }: ClassicPerson) =>
    (await site().send("POST", "/addresses/", addressFields, token)).json().id as number;
  const addresses = (base: string): ClassicRow[] => [
    { route: `GET ${base}`, expected: loggedIn, stepUp: reads, call: () => ({}) },
    {
      ...{ route: `POST ${base}`, expected: { ...loggedIn, person: 201, other: 201, staff: 201 } },
      stepUp: { exempt: "a parcel's address, which opens nothing" },
      call: () => ({ payload: addressFields }),
    },
    ...(
      [
        ["PUT", "", 200, addressFields],
        ["PUT", "status/", 200, {}],
        ["PUT", "title/", 200, { title: "公司" }],
        ["DELETE", "", 204, undefined],
      ] as const
    ).map(([method, end, status, payload]) => ({
      ...{ route: `${method} ${base}:id/${end}`, expected: ownAlone(status, 404) },
      stepUp: { exempt: "a parcel's address, which opens nothing" },
      call: async (owner: ClassicPerson) => ({
        ...{ url: `${base}${await addressOf(owner)}/${end}` },
        ...(payload === undefined ? {} : { payload }),
      }),
    })),
  ];

  return [
    ...["/image_codes/", "/image_code/"].map((base) => ({
      ...{ route: `GET ${base}:id/`, expected: everybody, stepUp: reads },
      call: () => ({ url: `${base}${uuid}/` }),
    })),
    {
      ...{ route: "GET /mobiles/:mobile/count/", expected: everyPerson, stepUp: reads },
      call: ({ mobile }) => ({ url: `/mobiles/${mobile}/count/` }),
    },
    {
      ...{ route: "GET /sms_code/:mobile/", expected: everyPerson, stepUp: reads },
      call: async () => ({ url: `/sms_code/${site().number()}/?${await site().picture()}` }),
    },
    {
      ...{ route: "GET /accounts/:name/sms/token/", expected: everybody, stepUp: reads },
      call: async ({ username }) => ({
        url: `/accounts/${username}/sms/token/?${await site().picture()}`,
      }),
    },
    {
      ...{ route: "GET /sms_codes/", expected: everybody, stepUp: reads },
      async call({ username }) {
        const ticket = await sendTicket(username);
        site().test.clock.advance(61);
        return { url: `/sms_codes/?access_token=${ticket}` };
      },
    },
    {
      ...{ route: "GET /accounts/:name/password/token/", expected: everybody, stepUp: reads },
      call: async (owner) => ({
        url: `/accounts/${owner.username}/password/token/?sms_code=${await code(owner)}`,
      }),
    },
    {
      route: "POST /users/:id/password/",
      // Whoever calls: it is the ticket that counts, and another account's is none.
      expected: { ...everybody, other: 400, staff: 400 },
      stepUp: { proves: "the ticket of a code to the account's proved number; the second factor stays" },
      endsTokens: true,
      async call(owner, caller) {
        const { username, mobile } = caller ?? owner;
        const typed = await code({ username, mobile });
        const proved = await site().get(`/accounts/${username}/password/token/?sms_code=${typed}`);
        const { access_token } = proved.json();
        const payload = { password: fresh, password2: fresh, access_token };
        return { url: `/users/${owner.id}/password/`, payload };
      },
    },
    ...["password", "resetpassword"].map((end) => ({
      ...{ route: `PUT /users/:id/${end}/`, expected: ownAlone(200, 403) },
      ...{ stepUp: { asks: "password" } as const, endsTokens: true as const },
      call: ({ id }: ClassicPerson) => ({
        url: `/users/${id}/${end}/`,
        payload: { old_password: password, password: fresh, password2: fresh },
      }),
    })),
    ...["/email/", "/emails/"].map((url) => ({
      ...{ route: `PUT ${url}`, expected: loggedIn, stepUp: { asks: "email" } as const },
      call: () => ({ payload: { email: `given${++count}@163.com` } }),
    })),
    ...(["GET", "PUT", "POST"] as const).map((method) => ({
      route: `${method} /emails/verification/`,
      expected: everybody,
      stepUp: { proves: "the mail's link" },
      async call({ token, username }: ClassicPerson) {
        // As long as a log-in is a recent one.
        const email = `${username}.${++count}@163.com`;
        const given = await site().send("PUT", "/email/", { email }, token);
        // Confirmed by an earlier caller: the link goes on to answer.
        if (given.statusCode === 200) await site().test.runJobs();
        const mails = site().test.mailbox.filter(({ to }) => to.startsWith(`${username}.`));
        const [, link] = /\?token=([\w.-]+)/.exec(mails.at(-1)!.text)!;
        return { url: `/emails/verification/?token=${link}` };
      },
    })),
    { route: "GET /areas/", expected: everyPerson, stepUp: reads, call: () => ({}) },
    {
      ...{ route: "GET /areas/:id/", expected: everyPerson, stepUp: reads },
      call: () => ({ url: "/areas/110000/" }),
    },
    ...["/addresses/", "/users/addresses/"].flatMap(addresses),
    { route: "GET /browse_histories/", expected: loggedIn, stepUp: reads, call: () => ({}) },
  ];
}

/** The find-password page's first two steps. */
export function findSteps(site: () => Classic) {
  async function sendTicket(name: string): Promise<string> {
    const answer = await site().get(`/accounts/${name}/sms/token/?${await site().picture()}`);
    if (answer.statusCode !== 200) throw new Error(`no ticket: ${answer.statusCode} ${answer.body}`);
    return answer.json().access_token;
  }
  return {
    sendTicket,
    /** A code to the account's number. */
    async code({ username, mobile }: Pick<ClassicPerson, "username" | "mobile">): Promise<string> {
      const ticket = await sendTicket(username);
      // Another minute than the last one's.
      site().test.clock.advance(61);
      const sent = await site().get(`/sms_codes/?access_token=${ticket}`);
      if (sent.statusCode !== 200) throw new Error(`no code: ${sent.statusCode} ${sent.body}`);
      return site().lastSms(mobile);
    },
  };
}
