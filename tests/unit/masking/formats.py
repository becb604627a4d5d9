"""Formats of secrets: how each is said, with a secret made up for it. The insides are drawn by chance from the format's
name, so that no file of this project holds anything that looks like somebody's token."""

from __future__ import annotations

import base64
import random
import re
import string
from dataclasses import dataclass

HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
LOWER = string.ascii_lowercase + string.digits
ALNUM = string.ascii_letters + string.digits
WORD = ALNUM + "-_"
BASE64 = ALNUM + "+/"
_ALPHABETS = {"h": HEX, "u": UPPER, "l": LOWER, "a": ALNUM, "w": WORD, "b": BASE64, "d": string.digits}
_PART = re.compile(r"\{([hulawbd])(\d+)\}|\{(uuid|password|base64login)\}")


@dataclass(frozen=True, slots=True)
class Format:
    """One format: what is said, and the part of it that nobody may see."""

    name: str
    said: str
    secret: str


def _filled(shape: str, chance: random.Random) -> str:
    def part(match: re.Match[str]) -> str:
        if match[3] == "uuid":
            return "-".join("".join(chance.choices(HEX, k=length)) for length in (8, 4, 4, 4, 12))
        if match[3] == "password":
            return "Tr0ub4" + "".join(chance.choices(string.ascii_lowercase, k=5)) + "!"
        if match[3] == "base64login":
            said = "ana:" + "".join(chance.choices(ALNUM, k=9))
            return base64.b64encode(said.encode()).decode()
        return "".join(chance.choices(_ALPHABETS[match[1]], k=int(match[2])))

    return _PART.sub(part, shape)


def _format(name: str, shape: str, said: str) -> Format:
    secret = _filled(shape, random.Random(name))
    return Format(name, said.replace("@@", secret), secret)


# name · the secret's shape · how it is said, with @@ for the secret
_ROWS = """
AWS access key id · AKIA{u16} · aws_access_key_id = @@
AWS temporary key id · ASIA{u16} · using key @@ for s3
AWS secret key · {a20}/{a19} · AWS_SECRET_ACCESS_KEY=@@
AWS secret key in a credentials file · {a20}+{a19} · aws_secret_access_key = @@
AWS session token · FwoGZXIvYXdzE{b120} · AWS_SESSION_TOKEN=@@
AWS Bedrock key · ABSK{b110} · bedrock key @@ refused
AWS MWS token · amzn.mws.{uuid} · mws @@
Google API key · AIza{w35} · key @@
Google OAuth token · ya29.{w60} · token @@
Google OAuth client secret · GOCSPX-{w28} · client @@
Google refresh token · 1//0{w60} · refreshed by @@
Google HMAC key id · GOOG1E{u55} · hmac @@
Google service account key · MII{b60} · "private_key": "-----BEGIN PRIVATE KEY-----\\n@@\\n-----END PRIVATE KEY-----\\n"
Azure storage key · {b86}== · DefaultEndpointsProtocol=https;AccountName=ml;AccountKey=@@;EndpointSuffix=core
Azure AD client secret · {a3}8Q~{a34} · secret @@ has expired
Azure client secret by name · {w34} · AZURE_CLIENT_SECRET=@@
Azure SAS signature · {a40}%3D · GET https://acct.blob.example/c/f?sv=2022-11-02&sig=@@&se=1
Azure Service Bus key · {b43}= · Endpoint=sb://x.example/;SharedAccessKeyName=root;SharedAccessKey=@@
Azure function key · {w54}== · POST https://f.example/api/run?code=@@
Azure DevOps token · {l52} · AZURE_DEVOPS_EXT_PAT=@@
S3 signed URL · {h64} · https://b.s3.example/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=@@
S3 signed URL's token · IQoJb3JpZ2luX2VjE{a80} · https://b.s3.example/k?X-Amz-Security-Token=@@&x=1
S3 URL of the second version · {a27}%3D · https://b.s3.example/k?AWSAccessKeyId=x&Expires=1&Signature=@@
GCS signed URL · {h128} · https://storage.example/b/o?X-Goog-Algorithm=GOOG4&X-Goog-Signature=@@
CloudFront signature · {w80} · https://d.example/a?Expires=1&Signature=@@&Key-Pair-Id=K
Alibaba key id · LTAI{a20} · oss key @@
Tencent key id · AKID{a32} · cos key @@
Yandex key · AQVN{w36} · yc @@
Scaleway key id · SCW{u17} · scw @@
DigitalOcean token · dop_v1_{h64} · doctl auth @@
Linode token by name · {h64} · LINODE_TOKEN=@@
Heroku key · HRKU-AA{w58} · heroku @@
Heroku key by name · {uuid} · HEROKU_API_KEY=@@
Fly.io token · fo1_{w43} · fly @@
Netlify token · nfp_{a36} · netlify @@
Vercel token by name · {a24} · VERCEL_TOKEN=@@
Cloudflare key by name · {h37} · CLOUDFLARE_API_KEY=@@
Cloudflare token by name · {w40} · CF_API_TOKEN: @@
Tailscale key · tskey-auth-{a16}-{a32} · tailscale up --authkey @@
Terraform token · {a14}.atlasv1.{w67} · terraform @@
Pulumi token · pul-{h40} · pulumi @@
Doppler token · dp.st.dev.{a43} · doppler @@
Vault token · hvs.{w95} · vault @@
Vault token of old · s.{a12}4{a11} · vault login @@
Vault AppRole secret id · {uuid} · vault write auth/approle/login role_id=x secret_id=@@
1Password service token · ops_eyJ{b250} · op @@
age key · AGE-SECRET-KEY-1{u58} · @@
Snowflake password · {password} · snowsql -a acct -u ana --password @@
Databricks token · dapi{h32} · databricks @@
Confluent secret by name · {b64} · CONFLUENT_API_SECRET=@@
MongoDB Atlas URL · {password} · mongodb+srv://svc:@@@cluster0.example/db
Elastic key by header · {b60} · Authorization: ApiKey @@
PlanetScale password · pscale_pw_{w43} · @@
Supabase key · sbp_{h40} · supabase @@
Pinecone key · pcsk_{w70} · pinecone @@
GitHub token · ghp_{a36} · clone with @@
GitHub fine-grained token · github_pat_{a22}_{a59} · @@
GitHub app token · ghs_{a36} · @@
GitHub token in a URL · ghp_{a36} · https://x-access-token:@@@github.example/o/r
GitLab token · glpat-{w20} · @@
GitLab routable token · glpat-{w40}.01.{l9} · @@
GitLab runner token · glrt-{w20} · @@
GitLab registration token · GR1348941{w20} · @@
GitLab header · {w20}A1b · PRIVATE-TOKEN: @@
Bitbucket app password · ATBB{a32} · @@
Atlassian token · ATATT3xFfGF0{w170}={u8} · @@
npm token · npm_{a36} · //registry.example/:_authToken=@@
npm token of old · {uuid} · //registry.example/:_authToken=@@
PyPI token · pypi-AgEIcHlwaS5vcmc{w80} · twine upload -p @@
RubyGems key · rubygems_{h48} · @@
NuGet key · oy2{l43} · nuget push -ApiKey @@
crates.io token · cio{a32} · cargo login @@
Docker token · dckr_pat_{w27} · docker login -u ana -p @@
Docker config · {base64login} · {"auths":{"reg.example":{"auth":"@@"}}}
Docker identity token · {w60} · {"auths":{"reg.example":{"identitytoken":"@@"}}}
Docker config in a Secret · {b80}= · .dockerconfigjson: @@
Artifactory key · AKCp{a69} · @@
Artifactory reference token · cmVmd{a59} · @@
NGC key · nvapi-{w64} · NGC @@
Hugging Face token · hf_{a34} · login with @@
Hugging Face organisation token · api_org_{a34} · @@
W&B key by name · {h40} · WANDB_API_KEY=@@
W&B key · {h40} · wandb login @@
OpenAI key · sk-{a48} · Incorrect API key provided: @@
OpenAI project key · sk-proj-{w74}T3BlbkFJ{w74} · @@
Anthropic key · sk-ant-api03-{w93}AA · @@
OpenRouter key · sk-or-v1-{h64} · @@
Groq key · gsk_{a52} · @@
Replicate token · r8_{a37} · @@
xAI key · xai-{a80} · @@
Perplexity key · pplx-{a48} · @@
Fireworks key · fw_{a24} · @@
Cohere key by name · {a40} · CO_API_KEY=@@
Mistral key by name · {a32} · MISTRAL_API_KEY: @@
LangSmith key · lsv2_pt_{h32}_{h10} · @@
Langfuse secret key · sk-lf-{uuid} · @@
Neptune token · eyJhcGlfYWRkcmVzcyI6{b90} · NEPTUNE @@
Comet key by name · {a25} · COMET_API_KEY=@@
ClearML secret by name · {a50} · CLEARML_API_SECRET_KEY=@@
Kaggle key · {h32} · {"username":"ana","key":"x","api_key":"@@"}
RunPod key · rpa_{a44} · @@
Modal token · ak-{a22} · modal @@
Prefect key · pnu_{a36} · @@
Datadog key by name · {h32} · DD_API_KEY=@@
Datadog key by header · {h32} · DD-API-KEY: @@
Datadog application key · {h40} · datadog: @@
New Relic key · NRAK-{u27} · @@
Grafana token · glsa_{a32}_{h8} · @@
Grafana cloud token · glc_{b60} · @@
Sentry DSN · {h32} · https://@@@o1.ingest.sentry.example/2
Sentry token · sntrys_eyJpYXQiO{b90}_{b43} · @@
Dynatrace token · dt0c01.{u24}.{u64} · @@
PagerDuty routing key · {h32} · routing_key: @@
Opsgenie key · {uuid} · Authorization: GenieKey @@
Splunk token · {uuid} · Authorization: Splunk @@
PostHog key · phx_{w43} · @@
Slack bot token · xoxb-{d12}-{d12}-{a24} · posted by @@
Slack app token · xapp-1-A{u9}-{d12}-{h64} · @@
Slack webhook · T{u9}/B{u9}/{a24} · https://hooks.slack.com/services/@@
Slack signing secret · {h32} · SLACK_SIGNING_SECRET=@@
Discord token · M{a23}.{w6}.{w27} · bot @@
Discord webhook · {d18}/{w68} · https://discord.com/api/webhooks/@@
Teams webhook · {uuid}@{uuid} · https://x.webhook.office.com/webhookb2/@@/IncomingWebhook/y
Telegram token · {d10}:AA{w33} · https://api.telegram.example/bot@@/getMe
Twilio key · SK{h32} · twilio @@
Twilio token by name · {h32} · TWILIO_AUTH_TOKEN=@@
SendGrid key · SG.{w22}.{w43} · @@
Mailgun key · key-{h32} · @@
Mailchimp key · {h32}-us12 · @@
Brevo key · xkeysib-{h64}-{a16} · @@
Postman key · PMAK-{h24}-{h34} · @@
Stripe key · sk_live_{a24} · @@
Stripe restricted key · rk_test_{a24} · @@
webhook secret · whsec_{b32} · @@
Square token · sq0atp-{w22} · @@
PayPal token · access_token$production${l16}${h32} · @@
Shopify token · shpat_{h32} · @@
Linear key · lin_api_{a40} · @@
Notion token · ntn_{d11}{a35} · @@
Figma token · figd_{w40} · @@
Airtable token · pat{a14}.{h64} · @@
Octopus key · API-{u26} · @@
Dropbox token · sl.{w130} · @@
Facebook token · EAAC{a120} · @@
JWT · eyJhbGciOiJSUzI1NiJ9.eyJ{w30}.{w43} · jwt @@
JWT without a signature · eyJhbGciOiJub25lIn0.eyJ{w30}. · jwt @@
JWT in base64 · ZXlKaGJHY2lPaU{b80} · @@
service account token · eyJhbGciOiJSUzI1NiIsImtpZCI6Ing{w9}.eyJ{w200}.{w342} · --token=@@
bootstrap token · {l6}.{l15}7 · kubeadm join 10.0.0.1:6443 --token @@
k3s token · K10{h64}::server:{h32} · K3S_TOKEN=@@
OpenShift token · sha256~{w43} · oc login --token=@@
Rancher token · token-{l5}:{l54} · @@
kubeconfig token · {w40}7a · users:\\n- name: x\\n  user:\\n    token: @@
kubeconfig client key · LS0tLS1CRUdJTiB{b80}= · client-key-data: @@
kubeconfig password · {password} · username: admin\\n    password: @@
Kubernetes Secret · {b32} · kind: Secret\\ndata:\\n  tls.crt: @@\\ntype: Opaque
Kubernetes Secret as JSON · {b32} · {"kind":"Secret","data":{"settings":"@@"}}
environment in a manifest · {password} · - name: DB_PASSWORD\\n  value: @@
environment in JSON · {password} · {"name":"DB_PASSWORD","value":"@@"}
environment as Go prints it · {password} · {Name:DB_PASSWORD Value:@@ ValueFrom:nil}
bearer header · {h32} · Authorization: Bearer @@
bearer in words · {a12}1.{a12}2-x · sent header Bearer @@
basic header · {base64login} · -H 'Authorization: Basic @@'
basic in words · {base64login} · tried basic @@ again
digest header · {h32} · Authorization: Digest username="ana", response="@@"
AWS signature header · {h64} · Authorization: AWS4-HMAC-SHA256 Credential=x/us, Signature=@@
header as Python prints it · {h32} · ('authorization', 'Bearer @@')
header in JSON in JSON · {h32} · "{\\"Authorization\\": \\"Bearer @@\\"}"
proxy header · {base64login} · Proxy-Authorization: Basic @@
key header · {h32} · X-Api-Key: @@
vault header · {a24}9b · X-Vault-Token: @@
cookie header · {a24} · Cookie: theme=dark; sid=@@
set-cookie header · {a24} · Set-Cookie: session=@@; HttpOnly
cookie of curl · {a24} · curl -b "sid=@@" https://x.example
URL with a password · {password} · cloning https://ana:@@@git.example/ml/train.git
URL with a password that has slashes · s3cr3t/with/{a6} · postgresql://bot:@@@db:5432/failures
URL with a password that has an at sign · p@ss{a6} · redis://:@@@redis:6379/0
URL with a token · x{h20} · git clone https://@@@git.example/ml/train.git
URL with a key · {a32} · GET https://x.example/v1?api_key=@@&q=1
URL with an access token · {a32} · GET https://x.example/v1?access_token=@@
URL in a URL · {a32} · https://x.example/?next=https%3A%2F%2Fy%2F%3Faccess_token%3D@@
JDBC URL · {password} · jdbc:postgresql://db/x?user=ana&password=@@
AMQP URL · {password} · amqp://svc:@@@mq:5672/%2f
connection string · {password} · Server=db;Database=ml;User Id=sa;Password=@@;
libpq string · {password} · host=db user=ana password=@@ dbname=ml
password in an environment · {password} · export DB_PASSWORD=@@
password in properties · {password} · spring.datasource.password: @@
password in JSON · {password} with blanks · {"username": "ana", "password": "@@"}
password in JSON in JSON · {password} · {"body":"{\\"password\\":\\"@@\\"}"}
password in a dict · {password} · {'db_password': '@@'}
password in a tuple · {password} · ('password', '@@')
password of pydantic · {password} · password=SecretStr('@@')
password in code · {password} · os.environ["DB_PASSWORD"] = "@@"
password in XML · {password} · <password>@@</password>
password in a NuGet config · {password} · <add key="ClearTextPassword" value="@@" />
password in a YAML block · {password} · password: |\\n    @@
password of letters · correcthorse · password: @@
password of numbers · 48151623 · smtp_password: @@
password with signs · a,b;c&d)e{a4} · db_password=@@
password in words · {password} · the password is @@
password in SQL · {password} · CREATE USER x IDENTIFIED BY '@@'
password of a role · {password} · ALTER ROLE bot WITH PASSWORD '@@'
password option · {password} · mysql -u root --password=@@
password option with a blank · {password} · app --db-password @@ --lr 0.1
password option in a list · {password} · ["app", "--db-password", "@@"]
password after -p · {password} · mysql -u root -p@@ ml
password of docker · {password} · docker login -u ana -p @@ reg.example
password of sshpass · {password} · sshpass -p @@ ssh host
password of redis-cli · {password} · redis-cli -h r -a @@ ping
password of curl · {password} · curl -u ana:@@ https://x.example
password to standard input · {password} · echo @@ | docker login --password-stdin
password of openssl · {password} · openssl rsa -passin pass:@@
password of Java · {password} · java -Djavax.net.ssl.keyStorePassword=@@ -jar x
password of helm · {password} · helm install x --set db.password=@@
secret from a literal · {password} · kubectl create secret generic x --from-literal=pw=@@
PGPASSWORD · {password} · PGPASSWORD=@@ psql
netrc · {password} · machine git.example login ana password @@
netrc in lines · {password} · machine git.example\\n  login ana\\n  password @@
pgpass · {password} · db.example:5432:ml:ana:@@
bcrypt hash · $2b$12${a53} · ana:@@
shadow hash · $6${a16}${a86} · root:@@:19000:0
argon2 hash · $argon2id$v=19$m=65536,t=3,p=4${b22}${b43} · @@
Django hash · pbkdf2_sha256$600000${a22}${b43}= · @@
token option · {a12}x1 · python push.py --token '@@'
key option · {a12}x1 · python train.py --api-key @@ --lr 0.1
token by name · {l12}1a2b · auth_token = '@@'
client secret · {h12}1a · client_secret=@@&grant_type=x
session id · {h32} · sessionid=@@
Django secret key · {a50} · SECRET_KEY = '@@'
Fernet key · {w43}= · FERNET_KEY=@@
encryption key · {b43}= · encryption_key: @@
WireGuard key · {b43}= · PrivateKey = @@
JWK · {w43} · {"kty":"EC","crv":"P-256","d":"@@"}
RSA key · MII{b61} · -----BEGIN RSA PRIVATE KEY-----\\n@@\\nabcd\\n-----END RSA PRIVATE KEY-----
OpenSSH key cut off · b3BlbnNzaC1rZXk{b49} · -----BEGIN OPENSSH PRIVATE KEY-----\\n@@
key with time stamps · {b64} · 12:00 -----BEGIN EC PRIVATE KEY-----\\n12:00 @@\\n12:00 -----END EC PRIVATE KEY-----
key without its beginning · {b64} · {b64}\\n@@\\n-----END PRIVATE KEY-----
encrypted key · {b64} · -----BEGIN RSA PRIVATE KEY-----\\nProc-Type: 4,ENCRYPTED\\n\\n@@\\n-----END RSA PRIVATE KEY-----
PGP key · lQOYBF{b58} · -----BEGIN PGP PRIVATE KEY BLOCK-----\\n\\n@@\\n=abcd\\n-----END PGP PRIVATE KEY BLOCK-----
PuTTY key · {b64} · Private-Lines: 1\\n@@\\nPrivate-MAC: x
"""

FORMATS = tuple(
    _format(name, shape, said.replace("\\n", "\n").replace("\\\\", "\\") if "JSON in JSON" not in name else said)
    for name, shape, said in (row.split(" · ", 2) for row in _ROWS.strip().splitlines())
)
