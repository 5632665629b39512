"""The extensions, unbound: `create_app` binds them. Nothing of ours is imported here but `orm`."""

from celery import Celery
from flask_cors import CORS
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from diecast_api.orm import Base

db = SQLAlchemy(
    model_class=Base,
    # Objects stay readable after the commit that saved them; what must be fresh is read under a
    # lock with `populate_existing`.
    session_options={"expire_on_commit": False},
)
migrate = Migrate()
jwt = JWTManager()
cors = CORS()
celery = Celery("diecast")
limiter = Limiter(key_func=get_remote_address)
