import { type AgeGate, ageGates } from "../accounts/age-declarations.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { boolean, choice, choices, integer, parsed } from "../kernel/settings/variable.ts";
import { readDomains } from "./email-domains.ts";

const signUpModes = ["open", "invitation", "closed"] as const;

/**
 * - `open`: whoever proves an address, or comes by a third party;
 * - `invitation`: of these, whoever brings an invitation;
 * - `closed`: nobody; staff and commands make accounts.
 */
export type SignUpMode = (typeof signUpModes)[number];

/** What somebody proves to sign up by the form or a code. */
const signUpKeys = ["email", "mobile"] as const;
export type SignUpKey = (typeof signUpKeys)[number];

/** Who may make an account. */
export interface AdmissionSettings {
  readonly signUpMode: SignUpMode;
  /** What has to be proved by a code; one of them is enough. */
  readonly signUpBy: readonly SignUpKey[];
  /** Of addresses; empty: all. */
  readonly allowedDomains: readonly string[];
  readonly refusedDomains: readonly string[];
  readonly refusesThrowaway: boolean;
  /** Whether somebody may sign up without choosing a user name. */
  readonly usernameOptional: boolean;
  /** Whether the site asks for it after the first log-in instead. */
  readonly usernameAskedLater: boolean;
  /** Of one maker that can still be used. */
  readonly invitationsPerMaker: number;
  /** How long an invitation works where its maker says nothing. */
  readonly invitationLifeDays: number;
  readonly ageGate: AgeGate;
}

export const admissionSettings = defineSettings({
  variables: {
    SIGN_UP: choice("open", signUpModes, {
      zh: "谁可以注册：open 所有人；invitation 凭邀请；closed 关闭注册，账号由管理员创建。第三方首次登录同样遵守。",
      en: "Who may sign up: open, everybody; invitation, whoever has one; closed, nobody: staff make accounts. First log-ins by third parties obey it, too.",
    }),
    SIGN_UP_BY: choices(["email"], signUpKeys, {
      zh: "凭什么注册，逗号分隔：email 邮箱验证码；mobile 手机验证码（需能发送短信，账号可没有邮箱）。",
      en: "What a sign-up proves, comma separated: email, by a code by mail; mobile, by a code by SMS, where the site sends them: such an account has no address.",
    }),
    SIGN_UP_DOMAINS: parsed<readonly string[]>(
      [],
      {
        zh: "只接受这些域名的邮箱（注册、绑定新账号、更换邮箱），逗号分隔；*.example.com 表示其所有子域名。不设则不限。",
        en: "Addresses of these domains alone may sign up or become an account's, comma separated; *.example.com stands for every domain below it. Unset: all.",
      },
      readDomains({ wildcards: true }),
    ),
    SIGN_UP_REFUSED_DOMAINS: parsed<readonly string[]>(
      [],
      {
        zh: "不接受这些域名及其子域名的邮箱，逗号分隔，优先于 SIGN_UP_DOMAINS。",
        en: "Addresses of these domains, and of those below them, are refused, comma separated; goes before SIGN_UP_DOMAINS.",
      },
      readDomains({ wildcards: false }),
    ),
    SIGN_UP_REFUSE_THROWAWAY: boolean(false, {
      zh: "是否拒绝一次性邮箱（名单来自 mailchecker 包，随升级更新）。",
      en: "Whether addresses of throw-away mailboxes are refused (the list is the package mailchecker's, and is renewed by upgrades).",
    }),
    USERNAME: choice("required", ["required", "optional", "later"], {
      zh: "注册时是否必须填写用户名：required 必填；optional 可不填，由邮箱生成；later 注册时不问，首次登录后由站点询问，可跳过。",
      en: "Whether a sign-up needs a user name: required; optional, one is made from the address where none is chosen; later, the same, and the site asks after the first log-in, where it can be skipped.",
    }),
    INVITATIONS_PER_MAKER: integer(
      100,
      { min: 1, max: 1_000_000 },
      {
        zh: "每位管理员最多可有的未用完的邀请数。",
        en: "Invitations of one administrator that can be used at one time.",
      },
    ),
    INVITATION_LIFE_DAYS: integer(
      7,
      { min: 1, max: 90 },
      {
        zh: "邀请的默认有效期（天）。",
        en: "Days that an invitation works, where its maker says nothing else.",
      },
    ),
    AGE_GATE: choice("off", ageGates, {
      zh: "是否在注册时询问年龄：off 不询问；guardian 须确认已满 14 周岁，或监护人同意并留下监护人的联系方式；refuse 不接受未满 14 周岁的人。已有账号在登录后询问。不发送 age_declared 的前端将不能注册。",
      en: "Whether new accounts are asked for an age: off; guardian, one is 14 or older, or a guardian agrees and says how to be reached; refuse, nobody under 14. Accounts that are there are asked after the log-in. A front end that sends no age_declared can sign nobody up then.",
    }),
  },
  settings: (env): AdmissionSettings => ({
    signUpMode: env.SIGN_UP,
    signUpBy: env.SIGN_UP_BY,
    allowedDomains: env.SIGN_UP_DOMAINS,
    refusedDomains: env.SIGN_UP_REFUSED_DOMAINS,
    refusesThrowaway: env.SIGN_UP_REFUSE_THROWAWAY,
    usernameOptional: env.USERNAME !== "required",
    usernameAskedLater: env.USERNAME === "later",
    invitationsPerMaker: env.INVITATIONS_PER_MAKER,
    invitationLifeDays: env.INVITATION_LIFE_DAYS,
    ageGate: env.AGE_GATE,
  }),
});
