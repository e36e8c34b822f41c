import { email as emailField } from "../../accounts/email.ts";
import { mobile as mobileField } from "../../accounts/mobile.ts";
import type { User } from "../../accounts/record.ts";
import { username as usernameField } from "../../accounts/username.ts";
import type { Option } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { operator, passwordOption, readNewPassword } from "../terminal/new-password.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { checkedField } from "./checked-field.ts";
import { makeAccount } from "./make-account.ts";

/** `user create`: an account without a sign-up. Its password is typed, read from standard input, or there is none yet. */
export const createOptions = {
  email: {
    type: "string",
    of: "create",
    value: { zh: "<邮箱>", en: "<address>" },
    zh: "邮箱，可以没有",
    en: "its e-mail address; it needs none",
  },
  mobile: {
    type: "string",
    of: "create",
    value: { zh: "<手机号>", en: "<number>" },
    zh: "手机号，可以没有",
    en: "its mobile number; it needs none",
  },
  staff: { type: "boolean", of: "create", zh: "设为职员", en: "makes it staff" },
  group: {
    type: "string",
    of: "create",
    multiple: true,
    value: { zh: "<用户组>", en: "<group>" },
    zh: "加入用户组",
    en: "adds it to a group",
  },
  "password-stdin": { ...passwordOption, of: "create" },
  "no-password": {
    type: "boolean",
    of: "create",
    zh: "不设密码：由其本人用“忘记密码”设置，需要邮箱",
    en: "none for now: its owner sets one by “forgotten password”, which needs an address",
  },
} as const satisfies Readonly<Record<string, Option>>;

export interface CreateValues {
  readonly email: string | undefined;
  readonly mobile: string | undefined;
  readonly staff: boolean;
  readonly group: readonly string[] | undefined;
  readonly "password-stdin": boolean;
  readonly "no-password": boolean;
}

export function checkCreate(values: CreateValues): void {
  if (values["no-password"] && values["password-stdin"]) {
    throw new UsageError(
      "--no-password 与 --password-stdin 只能写一个。",
      "It takes --no-password or --password-stdin, not both.",
    );
  }
  if (values["no-password"] && values.email === undefined) {
    throw new UsageError("--no-password 需要 --email。", "--no-password needs --email.");
  }
}

export async function createAccount(
  context: ManageContext,
  name: string,
  values: CreateValues,
): Promise<User> {
  const { passwords, newPasswords, db } = context;
  const username = checkedField(usernameField, name);
  const email = values.email === undefined ? null : checkedField(emailField, values.email.trim());
  const mobile = values.mobile === undefined ? null : checkedField(mobileField, values.mobile.trim());
  const hash = values["no-password"]
    ? passwords.unusable()
    : await newPasswords.hash(
        await readNewPassword(context, {
          fromStdin: values["password-stdin"],
          account: { username, email },
        }),
        operator,
      );
  const wanted = {
    ...{ username, email, groups: values.group ?? [] },
    ...(mobile !== null && { mobile }),
    ...(values.staff && { is_staff: 1 as const }),
  };
  return db.transaction((transaction) => makeAccount(context, transaction, wanted, hash));
}
