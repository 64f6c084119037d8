import type { AuthenticatedSession } from 'portcullis'
import { sessionMiddleware } from 'portcullis/react-router'
import {
  type ActionFunctionArgs,
  createContext,
  type MiddlewareFunction,
  redirect,
  type RouterContextProvider,
} from 'react-router'
import { sessions } from './sessions.js'

const sessionContext = createContext<AuthenticatedSession | null>(null)

export const middleware: MiddlewareFunction<Response>[] = [
  sessionMiddleware(sessions, sessionContext, {
    required: ({ request }) => request.url.endsWith('/account'),
  }),
]

export async function action(
  args: Omit<ActionFunctionArgs, 'context'> & { context: Readonly<RouterContextProvider> },
): Promise<Response> {
  const session: AuthenticatedSession | null = args.context.get(sessionContext)
  const answer = await sessions.signIn(args.request, { subject: session?.subject ?? 'user-1' })
  return redirect('/', { headers: answer.headers })
}

// @ts-expect-error the second argument, the context of the session, is required
export const without: MiddlewareFunction<Response>[] = [sessionMiddleware(sessions)]
