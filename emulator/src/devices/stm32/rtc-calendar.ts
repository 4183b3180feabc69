const secondsPerDay = 86_400;
/** 1 January 2000 was a Saturday. */
const epoch = Date.UTC(2000, 0, 1) / 1000;

const toBcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);
const fromBcd = (value: number): number => (value >>> 4) * 10 + (value & 0xf);

/** RTC_TR of seconds since 2000. */
export function toBcdTime(seconds: number): number {
  const rest = seconds % secondsPerDay;
  return (toBcd(Math.floor(rest / 3600)) << 16) | (toBcd(Math.floor(rest / 60) % 60) << 8) | toBcd(rest % 60);
}

/** RTC_DR: year, weekday, month, day. */
export function toBcdDate(seconds: number): number {
  const date = new Date((epoch + seconds) * 1000);
  return (toBcd(date.getUTCFullYear() % 100) << 16) | (weekdayOf(seconds) << 13) | (toBcd(date.getUTCMonth() + 1) << 8) | toBcd(date.getUTCDate());
}

/** 1 is Monday, 7 Sunday. */
export function weekdayOf(seconds: number): number {
  return ((Math.floor(seconds / secondsPerDay) + 5) % 7) + 1;
}

/** Seconds of a day. */
export function fromBcdTime(register: number): number {
  return fromBcd((register >>> 16) & 0x3f) * 3600 + fromBcd((register >>> 8) & 0x7f) * 60 + fromBcd(register & 0x7f);
}

/** Seconds since 2000 of a day's beginning; the weekday follows from the date. */
export function fromBcdDate(register: number): number {
  const month = Math.max(1, fromBcd((register >>> 8) & 0x1f));
  const day = Math.max(1, fromBcd(register & 0x3f));
  return Date.UTC(2000 + fromBcd((register >>> 16) & 0xff), month - 1, day) / 1000 - epoch;
}
