/** What codes by SMS are for, as `send_type` on the wire. */
export const smsPurposes = ["changeMobile", "register", "resetpwd", "signIn"] as const;

export type SmsPurpose = (typeof smsPurposes)[number];

/** As the classic pages know it: sign-up and binding share the flag of a minute, the others have their own. */
export const flagNameOf = (purpose: SmsPurpose): string =>
  purpose === "register" ? "changeMobile" : purpose;
