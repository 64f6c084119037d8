/** node:http and node:http2: web-standard requests out of theirs, and our headers and responses into theirs. */
export { requestHead, toRequest, type AddressOptions, type Incoming } from './incoming.js'
export { sendHeaders, sendResponse, type Headed, type Outgoing } from './outgoing.js'
