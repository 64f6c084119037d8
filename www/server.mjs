/**
 * The demo site: a plain node:http server without a framework, to show that portcullis needs none.
 *
 *     node www/server.mjs [--port 8787] [--db FILE] [--keys FILE] [--access-ttl SECONDS]
 *         [--min-rotation-interval SECONDS]
 *
 * The site listens on this machine only and uses http, so that portcullis is in development mode.
 */
import { createServer } from 'node:http'
import { ADDRESS, answerWith } from './server/adapter.mjs'
import { createApi } from './server/api.mjs'
import { createFiles } from './server/files.mjs'
import { readOptions } from './server/options.mjs'
import { StartupError } from './server/problem.mjs'
import { openSessions } from './server/sessions.mjs'

try {
  await main()
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

async function main() {
  const options = readOptions(process.argv.slice(2))
  const opened = await openSessions(options)
  const api = createApi(opened.sessions)
  const files = createFiles()
  const server = createServer(
    answerWith((
      request,
      path,
    ) => (path.startsWith('/api/') ? api(request, path) : files(request, path))),
  )
  try {
    const port = await listen(server, options.port)
    stopOnSignals(server, opened)
    printInstructions(port, options)
  } catch (error) {
    opened.close()
    throw error
  }
}

/** Listens and gives the port. Port 0 selects any free port. */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(startupErrorFor(error, port)))
    server.listen(port, ADDRESS, () => resolve(server.address().port))
  })
}

function startupErrorFor(error, port) {
  if (error.code === 'EADDRINUSE') {
    return new StartupError(
      `Port ${port} is taken: stop the program that has it, or choose another one with --port ${
        port === 65535 ? port - 1 : port + 1
      }.`,
    )
  }
  if (error.code === 'EACCES') {
    return new StartupError(
      `This user may not open port ${port}: choose one above 1023 with --port 8787.`,
    )
  }
  return error
}

function stopOnSignals(server, opened) {
  const stop = () => {
    server.close(() => {
      opened.close()
      process.exit(0)
    })
    // Browsers keep connections open for minutes, which would delay the end after Ctrl-C.
    server.closeAllConnections()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function printInstructions(port, options) {
  console.log(`
  portcullis demo: http://localhost:${port}

  1. Sign in with any name and the password "open sesame". Press "Refresh now", and watch the
     generation change.
  2. Open the page in a second tab and in a second browser. Revoke one session from the other.
  3. Stop the demo and start it again: you are still signed in. The sessions are in ${options.db}

  Ctrl-C stops.
`)
  console.log(`listening on http://localhost:${port}`)
}
