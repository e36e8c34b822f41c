/** What codes by SMS are for, as `send_type` on the wire. */
export const smsPurposes = ["changeMobile"] as const;

export type SmsPurpose = (typeof smsPurposes)[number];
