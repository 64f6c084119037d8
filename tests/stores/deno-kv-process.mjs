// This program serves a Deno KV store on Deno. The argument is the file.
import process from 'node:process'
import { denoKvStore } from 'portcullis/stores/deno-kv'
import { serve } from './process.mjs'

serve(denoKvStore(await Deno.openKv(process.argv[2])))
