import { sessionMiddleware } from 'portcullis/react-router'
import { Outlet, Scripts } from 'react-router'
import { sessionContext, sessions } from './sessions.server.js'

export const middleware = [sessionMiddleware(sessions, sessionContext, { routes: true })]

export function Layout({ children }) {
  return (
    <html lang='en'>
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  )
}

export default function Root() {
  return <Outlet />
}
