/** Times for people: "in 4 min 32 s" and "23 Nov 2026, 19:02". */

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]

const ABSOLUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** The two greatest units, rounded to the smaller one. */
export function duration(ms) {
  const whole = Math.floor(Math.abs(ms) / 1000)
  const step = whole >= 86_400 - 30 ? 3_600 : whole >= 3_600 ? 60 : 1
  const seconds = Math.round(whole / step) * step
  const first = UNITS.findIndex(([, size]) => seconds >= size)
  if (first === -1) return '0 s'
  const parts = UNITS.slice(first, first + 2).map(([name, size], position) => {
    const amount = Math.floor(position === 0 ? seconds / size : (seconds % UNITS[first][1]) / size)
    return amount > 0 ? `${amount} ${name}` : ''
  })
  return parts.filter(Boolean).join(' ')
}

export function relative(atMs, nowMs) {
  const away = atMs - nowMs
  if (Math.abs(away) < 1000) return 'just now'
  return away > 0 ? `in ${duration(away)}` : `${duration(away)} ago`
}

export const absolute = (atMs) => ABSOLUTE.format(atMs)
export const clock = (atMs) => CLOCK.format(atMs)
