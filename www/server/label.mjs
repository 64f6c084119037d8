/**
 * A label such as "Firefox on Linux" from a User-Agent, for lists only. The order matters: Edge and
 * Opera also name Chrome, Chrome also names Safari, and Android also names Linux.
 */
const BROWSERS = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|HeadlessChrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]

const SYSTEMS = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

export function browserLabel(userAgent) {
  const browser = firstMatch(BROWSERS, userAgent) ?? 'A browser'
  const system = firstMatch(SYSTEMS, userAgent)
  return system === undefined ? browser : `${browser} on ${system}`
}

function firstMatch(table, text) {
  return table.find(([pattern]) => pattern.test(text ?? ''))?.[1]
}
