/** The present password as a request carries it: accounts without one send none, and an empty one would be a wrong one. */
export function currentPasswordIn(values: { readonly current_password: string }): {
  readonly current_password?: string;
} {
  const { current_password } = values;
  return current_password === "" ? {} : { current_password };
}
