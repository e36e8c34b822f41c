import type { Block, Page } from "./page-block.ts";
import type { PrivacyFacts } from "./privacy-facts.ts";

/** The page in English, as GDPR 13 wants it. Its other language is page-zh.ts: the same parts in the same order. */
export function privacyPageEn(facts: PrivacyFacts): Page {
  const operator = facts.operator?.en ?? "【name of the operator】";
  const contact = facts.supportEmail ?? "【address for questions】";
  return {
    language: "en",
    title: `Privacy policy of ${facts.name.en} accounts`,
    blocks: [
      { text: `Updated ${facts.date}. In force from 【date】.` },
      {
        text: `This page says what the accounts of ${facts.name.en} (${facts.site}) keep of you, why, for how long, who else gets it, and how you see, copy, correct and delete it. For everything but the account, such as orders and payment, see 【privacy policy of the rest】.`,
      },
      { heading: "1. Who we are" },
      {
        list: [
          `Controller: ${operator}, 【registered address】`,
          `Questions: ${contact}. Data protection officer: 【name and address】`,
        ],
      },
      { heading: "2. What we keep, and why" },
      { table: { head: ["what", "when", "what for", "needed"], rows: collected(facts) } },
      {
        text: "Of a password there is a one-way hash alone, which nobody can turn back. We collect no contacts, no location and no device identifiers, and make no profiles of what is in an account.",
      },
      { heading: "3. Cookies and browser storage" },
      { table: { head: ["name", "what for", "how long"], rows: cookies(facts) } },
      { text: "All are needed to log in. None is for advertising or statistics." },
      { heading: "4. Where, and for how long" },
      { text: "Place: 【where the servers are】. After these times it is deleted:" },
      { table: { head: ["what", "how long"], rows: kept(facts) } },
      { heading: "5. Who else gets it" },
      ...shared(facts),
      ...abroad(facts),
      { heading: "6. Your rights" },
      {
        list: [
          `To see and correct: on the account page (${facts.site}/account).`,
          `To have a copy: ${facts.site}/account/data, as JSON for programs and as a page to read, once a day; the link is good for seven days.`,
          facts.days.deletion === 0
            ? `To delete the account: ${facts.site}/account-deletion. No reason is asked for; it is erased at once when you have shown that it is yours.`
            : `To delete the account: ${facts.site}/account-deletion. No reason is asked for; for ${facts.days.deletion} days you can log in and cancel, then it is erased.`,
          "To withdraw consent: under “My data” on the account page, as easily as you gave it. What was done before stays lawful.",
          `If you can't log in, write to ${contact}. Once we know that it is you, you have an answer within fifteen working days (one month at the latest).`,
          "If the answer does not satisfy you, you may complain to a supervisory authority, or go to court.",
        ],
      },
      {
        text: `After a deletion these stay: the account's number and the day (one year, so that a restored backup can be cleared again); keyed digests of the names (${facts.days.names} days, so that nobody passes for you); the audit log without anything of you (${facts.days.audit} days; what members of staff did to others stays, under their number).`,
      },
      { heading: "7. Children" },
      {
        text: children[facts.takes.age],
      },
      { heading: "8. Security" },
      {
        text: "Everything is encrypted on its way; passwords are hashed, keys and the secrets of second factors encrypted; you are told of log-ins from new devices and of changes of password, address and number. Of a breach we tell you and the authority as the law says.",
      },
      { heading: "9. Changes" },
      {
        text: "Of a change that matters you are asked at your next log-in. Earlier versions: 【where they are】.",
      },
    ],
  };
}

const children: Readonly<Record<PrivacyFacts["takes"]["age"], string>> = {
  off: "Accounts are not for children under fourteen. If a child has one without a guardian's consent, write to us and we delete it: 【your rules, if your site is for children】.",
  refuse:
    "At sign-up we ask whether you are fourteen or older; who is younger gets no account. If a child has one, write to us and we delete it.",
  guardian:
    "At sign-up we ask whether you are fourteen or older. If not, a guardian has to agree and say how to be reached, and we check that: 【how, and your rules for children】.",
};

function collected({ takes, providers, sms }: PrivacyFacts): string[][] {
  const when = (is: boolean, ...rows: string[][]) => (is ? rows : []);
  return [
    ["user name", "at sign-up", "to log in, to show", "yes"],
    [
      "e-mail address",
      "at sign-up, or when you add one",
      "to log in, to reset the password, security notices",
      takes.mobile ? "that or a mobile number" : "yes",
    ],
    ...when(takes.mobile, [
      "mobile number",
      "at sign-up, or when you add one",
      sms === null ? "to log in" : "to log in, codes by SMS, to reset the password",
      "that or an e-mail address",
    ]),
    ["password (hash)", "at sign-up", "to log in", "or another way"],
    ["nickname, names, picture", "when you give them", "to show", "no"],
    ...takes.fields.map(({ en }) => [en, "when you give it", "【what for】", "【whether】"]),
    ...when(takes.addresses, [
      "delivery addresses with a phone number",
      "when you give them",
      "delivery",
      "no",
    ]),
    [
      "log-ins: time, way, browser, the network address without its last part",
      "at a log-in",
      "so that you see what was not you, and to stop thieves",
      "yes",
    ],
    ["network address, whole, in memory and logs alone", "at each request", "to stop abuse", "yes"],
    ["notes of our staff about the account", "when you write to us, for example", "to help you", "no"],
    ["why, and until when, an account is disabled", "when it is", "to stop abuse", "yes"],
    [
      "public keys of passkeys, secrets of second factors (encrypted)",
      "when you set them up",
      "to log in",
      "no",
    ],
    ...providers.map(({ title }) => [
      `your id, nickname and picture's address at ${title.en}`,
      `when you log in with ${title.en}`,
      "to log in",
      "no",
    ]),
    ...when(takes.age !== "off", [
      "whether you are fourteen or older, how a guardian is reached",
      "at sign-up",
      "to protect children",
      "yes",
    ]),
    ...when(takes.marketing, [
      "whether you want news",
      "when you choose",
      "to send them",
      "no, and never ticked before you do",
    ]),
    [
      "which version of which terms you agreed to, and when",
      "at sign-up and at changes",
      "to prove it",
      "yes",
    ],
  ];
}

function cookies({ cookies: { session, deviceDays, trustedDays }, providers }: PrivacyFacts): string[][] {
  return [
    session
      ? ["meiduo_session", "keeps you logged in; no script reads it", "until you log out"]
      : [
          "browser storage, meiduo.*",
          "keeps you logged in; language and theme",
          "until you log out or clear it",
        ],
    ["meiduo_device", "knows a device that logged in, to trouble you less", `${deviceDays} days`],
    ["meiduo_trusted", "a device that you trust asks for no second factor", `${trustedDays} days`],
    ...(providers.length === 0
      ? []
      : [["meiduo_oauth", "holds a log-in with a third party together", "one hour"]]),
  ];
}

function kept({ days, takes }: PrivacyFacts): string[][] {
  return [
    ["what you gave, third parties, consents", "until you change it or delete the account"],
    ["log-ins", `${days.session} days at most, and a week after they ended, for you to see`],
    ["refused log-ins", "30 days"],
    [
      "notes of our staff, why an account is disabled",
      "until staff take them back or you delete the account",
    ],
    [
      "networks, mail domains and addresses that we refuse (of addresses digests alone)",
      "until we take them back",
    ],
    ["that mails and SMS were sent, without their text and codes", "30 days"],
    ["addresses and numbers that you replaced", "seven days, so that you can undo it"],
    ...(takes.addresses ? [["delivery addresses that you deleted", "30 days"]] : []),
    ["copies of your data that you asked for", "seven days"],
    ["backups", "【how long】"],
  ];
}

function shared({ mail, sms, captcha, providers, pictures, hooks, asksOfBreaches }: PrivacyFacts): Block[] {
  const rows = [
    ...(mail === null ? [] : [[mail.name.en, "sends mails", "address, text of the mail"]]),
    ...(sms === null ? [] : [[sms.name.en, "sends SMS", "number, code"]]),
    ...(captcha === null
      ? []
      : [[captcha.name.en, "tells people from programs, where there is a risk", "network address, browser"]]),
    ...providers.map(({ title, receiver }) => [
      receiver.name.en,
      `log-in with ${title.en}, if you choose it`,
      "your log-in there, under its own policy",
    ]),
    ...pictures.map(({ name }) => [name.en, "stores pictures", "the picture that you set"]),
    ...hooks.map(({ name }) => [
      name.en,
      "decides whether a sign-up or a log-in goes on",
      "the account's number, user name, address",
    ]),
    ...(asksOfBreaches === null
      ? []
      : [
          [
            "【service that knows leaked passwords】",
            "whether a new password has leaked",
            "five digits of a hash, which tell nothing",
          ],
        ]),
  ];
  const others =
    "The rest of our site (orders, say) gets the account's number, and is told when an account is made, changed or deleted: 【list them】. Nobody else gets anything, unless the law demands it.";
  if (rows.length === 0) return [{ text: others }];
  return [{ table: { head: ["who", "why", "what"], rows } }, { text: others }];
}

function abroad({ mail, sms, captcha, providers }: PrivacyFacts): Block[] {
  const all = [mail, sms, captcha, ...providers.map(({ receiver }) => receiver)];
  const names = [...new Set(all.flatMap((one) => (one?.isAbroad ? [one.name.en] : [])))];
  if (names.length === 0) return [];
  return [
    {
      text: `Of these, outside mainland China: ${names.join(", ")}. 【On what ground, how they are reached, and how rights are used there (PIPL 38, 39; GDPR 44 to 49)】`,
    },
  ];
}
