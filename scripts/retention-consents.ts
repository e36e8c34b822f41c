const withAccount = { zh: "随账号删除", en: "with the account" };

/** Rows of docs/retention.md: what people chose beyond the terms, and what they said of their age. */
export const consentRows = [
  {
    ...{ name: "consent_choices", going: "owner" as const, kept: withAccount },
    holds: {
      zh: "谁在何时同意或撤回了什么（如营销信息）的哪个版本",
      en: "who agreed to which version of what nobody has to agree to (news and offers), or withdrew it, and when",
    },
    hands: { zh: "本人和管理员可见", en: "shown to their owner and staff" },
  },
  {
    ...{ name: "age_declarations", going: "owner" as const, kept: withAccount },
    holds: {
      zh: "AGE_GATE 询问的年龄说明、时间和监护人的联系方式",
      en: "what AGE_GATE asks of people’s age, when they said it, and how a guardian is reached",
    },
    hands: { zh: "本人和管理员可见", en: "shown to their owner and staff" },
  },
] as const;
