// Loaded into a server before its own code (`node --import`): lets the tests move its clock. The
// apps know nothing of it.
const now = Date.now.bind(Date)
let offsetMs = 0

Date.now = () => now() + offsetMs

process.on('message', (message) => {
  if (typeof message?.advanceMs !== 'number') return
  offsetMs += message.advanceMs
  process.send({ offsetMs })
})
// The channel keeps nobody alive; and whoever loses its other end ends.
process.channel?.unref()
process.on('disconnect', () => process.exit(0))
