import { index, route } from '@react-router/dev/routes'

export default [
  index('routes/home.jsx'),
  route('sign-in', 'routes/sign-in.jsx'),
  route('account', 'routes/account.jsx'),
  route('session/*', 'routes/session.js'),
  route('*', 'routes/nowhere.jsx'),
]
