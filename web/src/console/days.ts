/** When a day of a calendar begins where the reader is, as the API takes times; what is no day stays as it is, and the API says so. */
export function beginOf(day: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(day) ? new Date(`${day}T00:00:00`).toISOString() : day;
}
