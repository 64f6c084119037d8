// This file is loaded into a server before its own code (`node --import`): the tests can then set
// its clock. The apps are unchanged.
const now = Date.now.bind(Date)
let offsetMs = 0

Date.now = () => now() + offsetMs

process.on('message', (message) => {
  if (typeof message?.advanceMs !== 'number') return
  offsetMs += message.advanceMs
  process.send({ offsetMs })
})
// The channel does not keep the process alive, and the process ends when the other end closes.
process.channel?.unref()
process.on('disconnect', () => process.exit(0))
