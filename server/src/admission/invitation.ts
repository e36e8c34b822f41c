/** An invitation to sign up, as it is kept. */
export interface Invitation {
  readonly id: number;
  /** Where it was mailed, and the one address it works for; null: whoever has the link. */
  readonly email: string | null;
  readonly group_id: number | null;
  readonly maker_id: number | null;
  readonly max_uses: number;
  readonly uses: number;
  readonly created_at: number;
  readonly expires_at: number;
}

/** Whether it can be used at that time (epoch milliseconds). */
export function isLiving({ uses, max_uses, expires_at }: Invitation, now: number): boolean {
  return uses < max_uses && expires_at > now;
}
