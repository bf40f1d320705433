---@meta moonwheel.s3

-- S3 ----------------------------------------------------------------------------------------------

---Objects in buckets of Amazon S3, or of a server that speaks as it does. Get it by `local s3 = require "moonwheel.s3"`.
---Each function takes the options that say where the buckets are, and `s3.with` gives them once.
---
---```lua
---permissions { net = { "*.s3.eu-central-1.amazonaws.com" }, secret = { "S3_KEY", "S3_SECRET" } }
---local s3 = require("moonwheel.s3").with { region = "eu-central-1", key = secret "S3_KEY", secret = secret "S3_SECRET" }
---every("day at 03:00", { name = "note" }, function(run)
---  assert(s3.put("my-bucket", "notes/" .. run.id .. ".txt", "still here"))
---end)
---```
---@class moonwheel.S3
local s3 = {}

---@class moonwheel.S3Options
---@field endpoint string? where the server is, such as `"https://minio.lan:9000"`; default that of Amazon for the region
---@field region string? default `us-east-1`
---@field path_style boolean? whether the bucket is in the path and not in the name of the host; default true with `endpoint`
---@field key string? the id of the access key
---@field secret string? the secret of the access key
---@field token string? of a temporary access key
---@field anonymous boolean? true: unsigned, for public buckets
---@field timeout moonwheel.Duration? as in `http.request`; default 1 h with `to` and `from`
---@field retry integer|table? as in `http.request`; default 3
---@field connect_timeout moonwheel.Duration? as in `http.request`; so are `proxy`, `ca` and `insecure`
---@field proxy string?
---@field ca string?
---@field insecure boolean?

---@class moonwheel.S3GetOptions: moonwheel.S3Options
---@field to string? the file that gets the object, as a whole; else it is in `body`
---@field max_size integer|string? default 10 MiB, 1 GiB with `to`

---@class moonwheel.S3PutOptions: moonwheel.S3Options
---@field from string? the file that has the content, in place of a text; at most 5 GiB
---@field content_type string? default `application/octet-stream`
---@field metadata table<string, string>? kept with the object
---@field headers table<string, string>? such as `["x-amz-storage-class"] = "STANDARD_IA"`

---@class moonwheel.S3ListOptions: moonwheel.S3Options
---@field limit integer? how many at most, 1 to 100,000; default 1,000
---@field after string? begins behind this key
---@field delimiter string? such as `"/"`: what has it behind the prefix is in `prefixes`, one for each beginning

---@class moonwheel.S3SignOptions: moonwheel.S3Options
---@field expires moonwheel.Duration? for how long, at most 7 days; default 1 h
---@field method string? default `GET`
---@field query table<string, string>? such as `{ ["response-content-disposition"] = "attachment" }`

---What is known of an object.
---@class moonwheel.S3Object
---@field body string? after `s3.get` without `to`
---@field path string? after `s3.get` with `to`
---@field size integer?
---@field etag string?
---@field modified number? in seconds since 1970
---@field content_type string?
---@field version string? of a bucket that keeps versions
---@field metadata table<string, string>

---@class moonwheel.S3Item
---@field key string
---@field size integer
---@field modified number in seconds since 1970
---@field etag string?
---@field class string? its storage class

---The same functions with options, which a call can replace.
---@param options moonwheel.S3Options
---@return moonwheel.S3
function s3.with(options) end

---Reads an object.
---@param bucket string
---@param key string
---@param options? moonwheel.S3GetOptions
---@return moonwheel.S3Object? object or nil
---@return string? message with what S3 says
---@return string? code that of S3, such as `NoSuchKey`, `NoSuchBucket`, `AccessDenied`; or one of `http.request`
function s3.get(bucket, key, options) end

---Writes an object, as a whole.
---@param bucket string
---@param key string
---@param body string? nil with the option `from`
---@param options? moonwheel.S3PutOptions
---@return { etag: string, version: string? }? done or nil
---@return string? message
---@return string? code
function s3.put(bucket, key, body, options) end

---What is known of an object, without its content. S3 does not say whether the object or its bucket is missing: both are
---`NoSuchKey`.
---@param bucket string
---@param key string
---@param options? moonwheel.S3Options
---@return moonwheel.S3Object? object or nil
---@return string? message
---@return string? code
function s3.head(bucket, key, options) end

---Deletes an object. One that is not there is no failure.
---@param bucket string
---@param key string
---@param options? moonwheel.S3Options
---@return true? done or nil
---@return string? message
---@return string? code
function s3.delete(bucket, key, options) end

---The objects whose keys begin with a prefix, in the order of their keys.
---
---```lua
---for _, object in ipairs(assert(s3.list("my-bucket", "notes/"))) do
---  if object.modified < now() - 30 * 86400 then assert(s3.delete("my-bucket", object.key)) end
---end
---```
---@param bucket string
---@param prefix string? nil: all
---@param options? moonwheel.S3ListOptions
---@return moonwheel.S3Item[]? objects with `prefixes` if there is a delimiter; or nil
---@return string? after if there are more: the option `after` that goes on; or the message
---@return string? code
function s3.list(bucket, prefix, options) end

---A URL by which whoever has it can reach an object for some time. Nothing is sent.
---@param bucket string
---@param key string
---@param options? moonwheel.S3SignOptions
---@return string url
function s3.sign(bucket, key, options) end

return s3
